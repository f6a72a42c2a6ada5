import { execFileSync, spawn } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binding } from '../../src/addon/binding.js';
import {
  type EventFd,
  EventManager,
  EventSet,
  OwnedFd,
  PidFd,
  Pipe,
  TcpListener,
  TcpStream,
  ThreadChannel,
  ThreadPort,
  TimerFd,
  UdpSocket,
  UnixDatagram,
  UnixStream,
} from '../../src/index.js';

/** Registers an object to be closed after the test. The test may close it before. */
export type Keep = <C extends { close(): void }>(closable: C) => C;

/** An fd of a kind without a class of its own. */
export class AnyFd extends OwnedFd {
  constructor(fd: number) {
    super(fd);
  }
}

const ONE_BYTE = Uint8Array.of(1);

/** Blocks until a file reports one of `events`. */
export function waitFor(object: { readonly fd: number }, events: EventSet): void {
  using manager = new EventManager();
  manager.add(object, events, () => undefined);
  while (manager.wait() === 0) {
    // A signal has interrupted the wait.
  }
}

export function timer(keep: Keep, afterNs: bigint): TimerFd {
  const timerFd = keep(new TimerFd());
  timerFd.set({ afterNs });
  return timerFd;
}

/** Starts a shell. Node does not reap it before this thread returns to its event loop. */
export function child(keep: Keep, script: string): PidFd {
  const { pid = -1 } = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const pidFd = new PidFd(pid);
  keep({
    close: () => {
      pidFd.sendSignal('SIGKILL');
      pidFd.close();
    },
  });
  return pidFd;
}

export function pipe(keep: Keep): Pipe {
  const ends = Pipe.open();
  keep(ends.reader);
  keep(ends.writer);
  return ends;
}

export function fullPipe(keep: Keep): Pipe {
  const ends = pipe(keep);
  while (ends.writer.write(new Uint8Array(4096)) !== undefined) {
    // Until the pipe is full.
  }
  return ends;
}

export function fifo(keep: Keep): { openReader(): OwnedFd; openWriter(): OwnedFd } {
  const folder = mkdtempSync(join(tmpdir(), 'em-fifo-'));
  keep({ close: () => rmSync(folder, { recursive: true }) });
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const open = (flags: number) => keep(new AnyFd(openSync(path, flags | constants.O_NONBLOCK)));
  return { openReader: () => open(constants.O_RDONLY), openWriter: () => open(constants.O_WRONLY) };
}

export function streams(keep: Keep): { near: UnixStream; far: UnixStream } {
  const [near, far] = UnixStream.pair();
  return { near: keep(near), far: keep(far) };
}

export function threadPorts(keep: Keep): { near: ThreadPort; far: ThreadPort } {
  const { port1, port2 } = new ThreadChannel();
  return { near: keep(new ThreadPort(port1)), far: keep(new ThreadPort(port2)) };
}

export function datagrams(keep: Keep): { near: UnixDatagram; far: UnixDatagram } {
  const [near, far] = UnixDatagram.pair();
  return { near: keep(near), far: keep(far) };
}

export function listen(keep: Keep): TcpListener {
  return keep(TcpListener.listen({ host: '127.0.0.1', port: 0 }));
}

export function connectTo(keep: Keep, listener: TcpListener): TcpStream {
  return keep(TcpStream.connect({ host: '127.0.0.1', port: listener.address.port }));
}

export function connection(keep: Keep): { near: TcpStream; far: TcpStream } {
  const listener = listen(keep);
  const near = connectTo(keep, listener);
  waitFor(listener, EventSet.IN);
  const far = listener.accept();
  if (far === undefined) {
    throw new Error('the connection is gone');
  }
  waitFor(near, EventSet.OUT);
  return { near, far: keep(far) };
}

export function refused(keep: Keep): TcpStream {
  const listener = listen(keep);
  const { port } = listener.address;
  listener.close();
  return keep(TcpStream.connect({ host: '127.0.0.1', port }));
}

/** Makes a stream whose peer has reset the connection, by closing its socket with unread bytes. */
export function reset(keep: Keep): TcpStream {
  const { near, far } = connection(keep);
  near.write(ONE_BYTE);
  waitFor(far, EventSet.IN);
  far.close();
  return near;
}

/** Makes a connected UDP socket that has sent to a port without a receiver. */
export function unreachable(keep: Keep): UdpSocket {
  const gone = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const { port } = gone.localAddress;
  const socket = keep(UdpSocket.connect({ host: '127.0.0.1', port }));
  gone.close();
  socket.send(ONE_BYTE);
  return socket;
}

export function epollWatching(keep: Keep, eventFd: EventFd): OwnedFd {
  const instance = keep(new AnyFd(binding().epollCreate()));
  binding().epollAdd(instance.fd, keep(eventFd).fd, EventSet.IN, 1);
  return instance;
}

export function sysfsAttribute(keep: Keep): OwnedFd {
  return keep(new AnyFd(openSync('/sys/class/net/lo/operstate', 'r')));
}
