// Runs a manager that watches every type of fd, prints the threads that it needs, and exits.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import {
  EventFd,
  EventManager,
  EventSet,
  Inotify,
  PidFd,
  Pipe,
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

const child = spawn('sleep', ['infinity'], { stdio: 'ignore' });
process.on('exit', () => child.kill('SIGKILL'));
const before = threads();

const inotify = new Inotify();
inotify.add('/', ['CREATE']);
const timer = new TimerFd();
timer.set({ afterNs: 3_600_000_000_000n });
const pipe = Pipe.open();
const tcp = TcpListener.listen({ host: '127.0.0.1', port: 0 });
const watched = [
  new EventFd(),
  inotify,
  timer,
  new PidFd(child.pid),
  pipe.reader,
  tcp,
  TcpStream.connect({ host: '127.0.0.1', port: tcp.address.port }),
  UdpSocket.bind({ host: '127.0.0.1', port: 0 }),
  UnixListener.listen({ path: `\0em-exit-${process.pid}` }),
  UnixSeqpacketListener.listen({ path: `\0em-exit-seq-${process.pid}` }),
  ...UnixStream.pair(),
  ...UnixSeqpacket.pair(),
  ...UnixDatagram.pair(),
];

const manager = new EventManager();
for (const source of watched) {
  manager.add(source, EventSet.IN, () => undefined);
}
const running = manager.run();
const last = new EventFd(1);
manager.add(last, EventSet.IN, () => {
  last.read();
  console.log(
    threads()
      .filter((id) => !before.includes(id))
      .map((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim())
      .join(),
  );
  process.exit(0);
});
await running;

function threads() {
  return readdirSync('/proc/self/task');
}
