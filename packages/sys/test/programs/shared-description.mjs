// Passes each kind of fd to a child process as its stdin, which makes the open file blocking. Then makes calls that
// would block. Prints the result of each call. The test ends a call that blocks.

import { spawnSync } from 'node:child_process';
import {
  AnySocket,
  EventFd,
  getFlags,
  Inotify,
  Pipe,
  Socket,
  TcpListener,
  TcpStream,
  TimerFd,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  UnixSeqpacketListener,
  UnixStream,
} from '@em/sys';

const LOCAL = { host: '127.0.0.1', port: 0 };
const buffer = Buffer.alloc(65_536);

const path = () => `\0em-shared-${process.pid}-${Math.random()}`;
const fill = (write) => {
  for (;;) {
    if (write() === undefined) {
      return undefined;
    }
  }
};
const pipe = Pipe.open();
const [stream] = UnixStream.pair();
const [datagram] = UnixDatagram.pair();
const [seqpacket] = UnixSeqpacket.pair();
const full = new EventFd(0);
full.write(2n ** 64n - 2n);
const tcp = TcpListener.listen(LOCAL);
const unix = UnixListener.listen({ path: path() });
const unixSeqpacket = UnixSeqpacketListener.listen({ path: path() });

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM } = Socket.constants;
const anyListener = AnySocket.adopt(TcpListener.listen(LOCAL).detach());
const anyDatagram = AnySocket.open({ family: AF_INET, type: SOCK_DGRAM });
const anyStream = AnySocket.open({ family: AF_UNIX, type: SOCK_STREAM });
const near = TcpStream.connect({ host: LOCAL.host, port: TcpListener.listen(LOCAL).address.port });
// Its queue of connections is full.
const busyPath = path();
const busy = UnixListener.listen({ path: busyPath, backlog: 0 });
const waiting = [];
for (let one = UnixStream.connect({ path: busyPath }); one; one = UnixStream.connect({ path: busyPath })) {
  waiting.push(one);
}
const busySockaddr = Buffer.from(`..${busyPath}`);
new Uint16Array(busySockaddr.buffer, busySockaddr.byteOffset, 1)[0] = AF_UNIX;
const unlessBusy = (connect) => {
  try {
    return connect();
  } catch (error) {
    return error.code === 'EAGAIN' ? undefined : error.code;
  }
};

const CALLS = {
  'EventFd.read': [new EventFd(), (it) => it.read()],
  'EventFd.write': [full, (it) => it.write()],
  'TimerFd.read': [new TimerFd(), (it) => it.read()],
  'Inotify.read': [new Inotify(), (it) => it.read()],
  'PipeReader.read': [pipe.reader, (it) => it.read(buffer)],
  'PipeWriter.write': [pipe.writer, (it) => fill(() => it.write(buffer))],
  'TcpListener.accept': [tcp, (it) => it.accept()],
  'UnixListener.accept': [unix, (it) => it.accept()],
  'UnixSeqpacketListener.accept': [unixSeqpacket, (it) => it.accept()],
  'UdpSocket.receiveFrom': [UdpSocket.bind(LOCAL), (it) => it.receiveFrom(buffer)],
  'UdpSocket.receive': [UdpSocket.bind(LOCAL), (it) => it.receive(buffer)],
  'UnixStream.read': [stream, (it) => it.read(buffer)],
  'UnixStream.write': [stream, (it) => fill(() => it.write(buffer))],
  'UnixStream.receiveFds': [stream, (it) => it.receiveFds(buffer)],
  'UnixStream.sendFds': [stream, (it) => fill(() => it.sendFds([0], buffer))],
  'UnixDatagram.receiveFrom': [datagram, (it) => it.receiveFrom(buffer)],
  'UnixDatagram.send': [datagram, (it) => fill(() => it.send(buffer.subarray(0, 1024)))],
  'UnixDatagram.receive': [datagram, (it) => it.receive(buffer)],
  'UnixDatagram.receiveFds': [datagram, (it) => it.receiveFds(buffer)],
  'UnixDatagram.sendFds': [datagram, (it) => fill(() => it.sendFds([0], buffer.subarray(0, 1024)))],
  'UnixSeqpacket.receiveFds': [seqpacket, (it) => it.receiveFds(buffer)],
  'UnixSeqpacket.sendFds': [seqpacket, (it) => fill(() => it.sendFds([0], buffer.subarray(0, 1024)))],
  'TcpStream.read': [near, (it) => it.read(buffer)],
  'TcpStream.write': [near, (it) => fill(() => it.write(buffer))],
  'UdpSocket.receiveError': [UdpSocket.bind(LOCAL), (it) => it.receiveError(buffer)],
  'AnySocket.receive': [anyDatagram, (it) => it.receive(buffer)],
  'AnySocket.receiveFrom': [anyDatagram, (it) => it.receiveFrom(buffer)],
  'AnySocket.receiveError': [anyDatagram, (it) => it.receiveError(buffer)],
  'AnySocket.accept': [anyListener, (it) => it.accept()],
  'AnySocket.connect': [anyStream, (it) => unlessBusy(() => it.connect(busySockaddr))],
  'UnixSeqpacket.receive': [seqpacket, (it) => it.receive(buffer)],
  'UnixSeqpacket.send': [seqpacket, (it) => fill(() => it.send(buffer.subarray(0, 1024)))],
};

for (const [name, [object, call]] of Object.entries(CALLS)) {
  spawnSync('true', { stdio: [object.fd, 'ignore', 'ignore'] });
  const { nonBlocking } = getFlags(object.fd);
  const result = call(object);
  const isEmpty = result === undefined || result === false || (Array.isArray(result) && result.length === 0);
  const outcome = isEmpty ? 'would block' : result;
  console.log(`${name}: ${nonBlocking ? 'not shared' : outcome}`);
}
busy.close();
