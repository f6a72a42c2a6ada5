import { binding } from '../../src/addon/binding.js';
import { EventFd, EventSet, read, UdpSocket } from '../../src/index.js';
import {
  AnyFd,
  child,
  connection,
  connectTo,
  datagrams,
  epollWatching,
  fifo,
  fullPipe,
  type Keep,
  listen,
  pipe,
  refused,
  reset,
  streams,
  sysfsAttribute,
  threadPorts,
  timer,
  unreachable,
  waitFor,
} from '../support/file-makers.js';
import { linkMessage, openNetlink, RTM_GETLINK } from '../support/netlink.js';

/** A file in a state: one row of the table in docs/epoll-semantics.md. */
export interface FileState {
  readonly kind: string;
  readonly state: string;
  /** All events of the file, as `EventSet.format` writes them. */
  readonly truth: string;
  /** Makes a file in this state. */
  make(keep: Keep): { readonly fd: number };
}

const { AF_INET, AF_UNIX, SOCK_STREAM, IPPROTO_TCP } = binding().socketConstants;
const HIGHEST_COUNT = 2n ** 64n - 2n;
const ONE_BYTE = Uint8Array.of(1);
const LOOPBACK = { host: '127.0.0.1', port: 0 };

export const fileStates: readonly FileState[] = [
  row('eventfd', '0', 'OUT', (keep) => keep(new EventFd())),
  row('eventfd', 'above 0', 'IN|OUT', (keep) => keep(new EventFd(1))),
  row('eventfd', 'at its highest', 'IN', (keep) => {
    const eventFd = keep(new EventFd());
    eventFd.write(HIGHEST_COUNT);
    return eventFd;
  }),

  row('timerfd', 'armed, or not', 'EMPTY', (keep) => timer(keep, 3_600_000_000_000n)),
  row('timerfd', 'expired', 'IN', (keep) => timer(keep, 0n)),
  row('timerfd', 'expired, then disarmed or read', 'EMPTY', (keep) => {
    const timerFd = timer(keep, 0n);
    waitFor(timerFd, EventSet.IN);
    timerFd.disarm();
    return timerFd;
  }),

  row('pidfd', 'running', 'EMPTY', (keep) => child(keep, 'exec sleep 60')),
  row('pidfd', 'exited', 'IN', (keep) => child(keep, 'exit')),

  row('pipe, reading end', 'empty', 'EMPTY', (keep) => pipe(keep).reader),
  row('pipe, reading end', 'data', 'IN', (keep) => {
    const { reader, writer } = pipe(keep);
    writer.write(ONE_BYTE);
    return reader;
  }),
  row('pipe, reading end', 'data, writers gone', 'IN|HANG_UP', (keep) => {
    const { reader, writer } = pipe(keep);
    writer.write(ONE_BYTE);
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
  row('TCP, listening', 'no connection waits', 'EMPTY', listen),
  row('TCP, listening', 'a connection waits', 'IN', (keep) => {
    const listener = listen(keep);
    connectTo(keep, listener);
    return listener;
  }),

  row('UDP', 'idle, bound or not', 'OUT', (keep) => keep(UdpSocket.bind(LOOPBACK))),
  row('UDP', 'a datagram, an empty one included', 'IN|OUT', (keep) => {
    const socket = keep(UdpSocket.bind(LOOPBACK));
    socket.sendTo(socket.localAddress, new Uint8Array(0));
    return socket;
  }),
  row('UDP', 'connected, “port unreachable” came back', 'OUT|ERROR', unreachable),
  row('UDP', 'the same, error taken', 'OUT', (keep) => {
    const socket = unreachable(keep);
    waitFor(socket, EventSet.ERROR);
    socket.takeError();
    return socket;
  }),

  row('unix stream', 'never connected', 'OUT|HANG_UP', (keep) =>
    keep(new AnyFd(binding().socket(AF_UNIX, SOCK_STREAM, 0))),
  ),
  row('unix stream', 'idle', 'OUT', (keep) => streams(keep).near),
  row('unix stream', 'data', 'IN|OUT', (keep) => {
    const { near, far } = streams(keep);
    far.write(ONE_BYTE);
    return near;
  }),
  row('unix stream', 'peer shut down writing', 'IN|OUT|READ_HANG_UP', (keep) => {
    const { near, far } = streams(keep);
    far.shutdownWrite();
    return near;
  }),
  row('unix stream', 'both shut down writing', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = streams(keep);
    near.shutdownWrite();
    far.shutdownWrite();
    return near;
  }),
  row('unix stream', 'peer closed', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = streams(keep);
    far.close();
    return near;
  }),
  row('unix stream', 'peer closed without reading all', 'IN|OUT|ERROR|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = streams(keep);
    near.write(ONE_BYTE);
    far.close();
    return near;
  }),
  row('unix datagram', 'idle', 'OUT', (keep) => datagrams(keep).near),
  row('unix datagram', 'peer closed', 'OUT', (keep) => {
    const { near, far } = datagrams(keep);
    far.close();
    return near;
  }),

  row('netlink', 'idle', 'OUT', (keep) => keep(openNetlink())),
  row('netlink', 'a message', 'IN|OUT', (keep) => {
    const socket = keep(openNetlink());
    socket.send(linkMessage(RTM_GETLINK, 0, 1));
    return socket;
  }),
  row('netlink', 'overrun (`ENOBUFS`)', 'IN|OUT|ERROR', (keep) => {
    const socket = keep(openNetlink());
    socket.setReceiveBufferBytes(0);
    for (let i = 0; i < 20; i++) {
      socket.send(linkMessage(RTM_GETLINK, 0, i));
    }
    return socket;
  }),
  row('epoll instance', 'nothing ready', 'EMPTY', (keep) => epollWatching(keep, new EventFd(0))),
  row('epoll instance', 'something ready', 'IN', (keep) => epollWatching(keep, new EventFd(1))),

  row('thread port', 'no message', 'OUT', (keep) => threadPorts(keep).near),
  row('thread port', 'a message', 'IN|OUT', (keep) => {
    const { near, far } = threadPorts(keep);
    far.post('message');
    return near;
  }),
  row('thread port', 'all messages received', 'OUT', (keep) => {
    const { near, far } = threadPorts(keep);
    far.post('message');
    while (near.receive() !== undefined) {
      // The last one is taken back when none is left.
    }
    return near;
  }),
  row('thread port', 'other end closed, or its thread ended', 'IN|OUT|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = threadPorts(keep);
    far.close();
    return near;
  }),
  row('thread port', 'the same, without receiving all', 'IN|OUT|ERROR|HANG_UP|READ_HANG_UP', (keep) => {
    const { near, far } = threadPorts(keep);
    near.post('message');
    far.close();
    return near;
  }),

  row('sysfs attribute', 'not read yet (PRIORITY is true)', 'IN|PRIORITY|OUT|ERROR', sysfsAttribute),
  row('sysfs attribute', 'read', 'IN|OUT', (keep) => {
    const attribute = sysfsAttribute(keep);
    read(attribute.fd, new Uint8Array(64));
    return attribute;
  }),
];

function row(kind: string, state: string, truth: string, make: FileState['make']): FileState {
  return { kind, state, truth, make };
}
