import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventSet } from '@em/core';
import { binding } from '../src/binding.js';
import { createEventManager, EventFd, OwnedFd, read, TcpListener, TcpStream, write } from '../src/index.js';

/** Notes what is to be closed when the test is over. Closing it before does no harm. */
export type Keep = <C extends { close(): void }>(closable: C) => C;

/** A file in a state: one row of the table in docs/epoll-semantics.md. */
export interface FileState {
  readonly kind: string;
  readonly state: string;
  /** All that is true of the file, as `EventSet.format` writes it. */
  readonly truth: string;
  /** Brings it about. */
  make(keep: Keep): { readonly fd: number };
}

class AnyFd extends OwnedFd {
  constructor(fd: number) {
    super(fd);
  }
}

const { AF_INET, AF_UNIX, SOCK_STREAM, IPPROTO_TCP, SHUT_WR } = binding().socketConstants;
const HIGHEST_COUNT = 2n ** 64n - 2n;
const ONE_BYTE = Uint8Array.of(1);

export const fileStates: readonly FileState[] = [
  row('eventfd', '0', 'OUT', (keep) => keep(new EventFd())),
  row('eventfd', 'above 0', 'IN|OUT', (keep) => keep(new EventFd(1))),
  row('eventfd', 'at its highest', 'IN', (keep) => {
    const eventFd = keep(new EventFd());
    eventFd.write(HIGHEST_COUNT);
    return eventFd;
  }),

  row('pipe, reading end', 'empty', 'EMPTY', (keep) => pipe(keep).reader),
  row('pipe, reading end', 'data', 'IN', (keep) => {
    const { reader, writer } = pipe(keep);
    write(writer.fd, ONE_BYTE);
    return reader;
  }),
  row('pipe, reading end', 'data, writers gone', 'IN|HANG_UP', (keep) => {
    const { reader, writer } = pipe(keep);
    write(writer.fd, ONE_BYTE);
    writer.close();
    return reader;
  }),
  row('pipe, reading end', 'all read, writers gone', 'HANG_UP', (keep) => {
    const { reader, writer } = pipe(keep);
    writer.close();
    return reader;
  }),
  row('pipe, writing end', 'room', 'OUT', (keep) => pipe(keep).writer),
  row('pipe, writing end', 'full', 'EMPTY', (keep) => fullPipe(keep).writer),
  row('pipe, writing end', 'room, readers gone', 'OUT|ERROR', (keep) => {
    const { reader, writer } = pipe(keep);
    reader.close();
    return writer;
  }),
  row('pipe, writing end', 'full, readers gone', 'ERROR', (keep) => {
    const { reader, writer } = fullPipe(keep);
    reader.close();
    return writer;
  }),

  row('FIFO, reading end', 'no writer yet', 'EMPTY', (keep) => fifo(keep).openReader()),
  row('FIFO, reading end', 'all read, writers gone', 'HANG_UP', (keep) => {
    const { openReader, openWriter } = fifo(keep);
    const reader = openReader();
    openWriter().close();
    return reader;
  }),
  row('FIFO, reading end', 'another writer came', 'EMPTY', (keep) => {
    const { openReader, openWriter } = fifo(keep);
    const reader = openReader();
    openWriter().close();
    openWriter();
    return reader;
  }),

  row('TCP', 'never connected', 'OUT|HANG_UP', (keep) =>
    keep(new AnyFd(binding().socket(AF_INET, SOCK_STREAM, IPPROTO_TCP))),
  ),
  row('TCP', 'connect refused', 'IN|OUT|ERROR|HANG_UP|READ_HANG_UP', refused),
  row('TCP', 'connect refused, error taken', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const stream = refused(keep);
    waitFor(stream, EventSet.ERROR);
    stream.takeError();
    return stream;
  }),
  row('TCP', 'idle', 'OUT', (keep) => connection(keep).near),
  row('TCP', 'data', 'IN|OUT', (keep) => {
    const { near, far } = connection(keep);
    far.write(ONE_BYTE);
    return near;
  }),
  row('TCP', 'peer shut down writing', 'IN|OUT|READ_HANG_UP', (keep) => {
    const { near, far } = connection(keep);
    far.shutdownWrite();
    return near;
  }),
  row('TCP', 'peer closed', 'IN|OUT|READ_HANG_UP', (keep) => {
    const { near, far } = connection(keep);
    far.close();
    return near;
  }),
  row('TCP', 'we shut down writing', 'OUT', (keep) => {
    const { near } = connection(keep);
    near.shutdownWrite();
    return near;
  }),
  row('TCP', 'both shut down writing', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = connection(keep);
    near.shutdownWrite();
    far.shutdownWrite();
    return near;
  }),
  row('TCP', 'reset', 'IN|OUT|ERROR|HANG_UP|READ_HANG_UP', reset),
  row('TCP', 'reset, error taken', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const near = reset(keep);
    waitFor(near, EventSet.ERROR);
    near.takeError();
    return near;
  }),
  row('TCP, listening', 'nobody waits', 'EMPTY', listen),
  row('TCP, listening', 'a connection waits', 'IN', (keep) => {
    const listener = listen(keep);
    keep(TcpStream.connect({ host: '127.0.0.1', port: listener.address.port }));
    return listener;
  }),

  row('unix stream', 'never connected', 'OUT|HANG_UP', (keep) =>
    keep(new AnyFd(binding().socket(AF_UNIX, SOCK_STREAM, 0))),
  ),
  row('unix stream', 'idle', 'OUT', (keep) => socketPair(keep).near),
  row('unix stream', 'data', 'IN|OUT', (keep) => {
    const { near, far } = socketPair(keep);
    write(far.fd, ONE_BYTE);
    return near;
  }),
  row('unix stream', 'peer shut down writing', 'IN|OUT|READ_HANG_UP', (keep) => {
    const { near, far } = socketPair(keep);
    binding().shutdown(far.fd, SHUT_WR);
    return near;
  }),
  row('unix stream', 'peer closed', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = socketPair(keep);
    far.close();
    return near;
  }),
  row('unix stream', 'peer closed without reading all', 'IN|OUT|ERROR|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = socketPair(keep);
    write(near.fd, ONE_BYTE);
    far.close();
    return near;
  }),

  row('epoll instance', 'nothing ready', 'EMPTY', (keep) => epollWatching(keep, new EventFd(0))),
  row('epoll instance', 'something ready', 'IN', (keep) => epollWatching(keep, new EventFd(1))),

  row('sysfs attribute', 'not read yet (PRIORITY is true)', 'IN|PRIORITY|OUT|ERROR', sysfsAttribute),
  row('sysfs attribute', 'read', 'IN|OUT', (keep) => {
    const attribute = sysfsAttribute(keep);
    read(attribute.fd, new Uint8Array(64));
    return attribute;
  }),
];

/** Blocks until one of `events` is true of a file. */
export function waitFor(source: { readonly fd: number }, events: EventSet): void {
  using manager = createEventManager();
  manager.add(source, events, () => undefined);
  while (manager.wait() === 0) {
    // Interrupted by a signal that is nobody's business here.
  }
}

function row(kind: string, state: string, truth: string, make: FileState['make']): FileState {
  return { kind, state, truth, make };
}

function pair(keep: Keep, create: (ends: Uint32Array) => number): [AnyFd, AnyFd] {
  const ends = new Uint32Array(2);
  if (create(ends) < 0) {
    throw new Error('the kernel made no pair of fds');
  }
  return [keep(new AnyFd(ends[0] ?? -1)), keep(new AnyFd(ends[1] ?? -1))];
}

function pipe(keep: Keep): { reader: OwnedFd; writer: OwnedFd } {
  const [reader, writer] = pair(keep, (ends) => binding().pipe2(ends));
  return { reader, writer };
}

function fullPipe(keep: Keep): { reader: OwnedFd; writer: OwnedFd } {
  const ends = pipe(keep);
  while (write(ends.writer.fd, new Uint8Array(4096)) !== undefined) {
    // There is room still.
  }
  return ends;
}

function fifo(keep: Keep): { openReader(): OwnedFd; openWriter(): OwnedFd } {
  const folder = mkdtempSync(join(tmpdir(), 'em-fifo-'));
  keep({ close: () => rmSync(folder, { recursive: true }) });
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const open = (flags: number) => keep(new AnyFd(openSync(path, flags | constants.O_NONBLOCK)));
  return { openReader: () => open(constants.O_RDONLY), openWriter: () => open(constants.O_WRONLY) };
}

function socketPair(keep: Keep): { near: OwnedFd; far: OwnedFd } {
  const [near, far] = pair(keep, (ends) => binding().socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  return { near, far };
}

function listen(keep: Keep): TcpListener {
  return keep(TcpListener.listen({ host: '127.0.0.1', port: 0 }));
}

function connection(keep: Keep): { near: TcpStream; far: TcpStream } {
  const listener = listen(keep);
  const near = keep(TcpStream.connect({ host: '127.0.0.1', port: listener.address.port }));
  waitFor(listener, EventSet.IN);
  const far = listener.accept();
  if (far === undefined) {
    throw new Error('the connection that waited is gone');
  }
  waitFor(near, EventSet.OUT);
  return { near, far: keep(far) };
}

function refused(keep: Keep): TcpStream {
  const listener = listen(keep);
  const { port } = listener.address;
  listener.close();
  return keep(TcpStream.connect({ host: '127.0.0.1', port }));
}

/** Whoever closes a TCP socket with bytes unread resets the connection. */
function reset(keep: Keep): TcpStream {
  const { near, far } = connection(keep);
  near.write(ONE_BYTE);
  waitFor(far, EventSet.IN);
  far.close();
  return near;
}

function epollWatching(keep: Keep, eventFd: EventFd): OwnedFd {
  const instance = keep(new AnyFd(binding().epollCreate()));
  binding().epollAdd(instance.fd, keep(eventFd).fd, EventSet.IN, 1);
  return instance;
}

function sysfsAttribute(keep: Keep): OwnedFd {
  return keep(new AnyFd(openSync('/sys/class/net/lo/operstate', 'r')));
}
