import { spawnSync } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AnySocket,
  close,
  EventFd,
  EventManager,
  EventSet,
  Socket,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixDatagram,
  UnixSeqpacket,
  UnixStream,
} from '../../src/index.js';
import { lackOf, testIf } from '../support/named-skip.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

const { MSG_OOB, MSG_PEEK, MSG_TRUNC } = Socket.constants;
const LOCAL = { host: '127.0.0.1', port: 0 };

expectNoFilesLeftOpen();

interface Closable {
  readonly fd: number;
  close(): void;
}
type Receive = (into: Uint8Array, flags?: number) => number | undefined;
/** Makes two ends, sends "text" to the far one, and returns how that one receives. */
type Make = () => [near: Closable, far: Closable, receive: Receive];

function sentBy<S extends Closable & { send(bytes: Uint8Array): unknown }>(pair: [S, S], receive: (far: S) => Receive) {
  const [near, far] = pair;
  near.send(Buffer.from('text'));
  return [near, far, receive(far)] satisfies ReturnType<Make>;
}

function streams(receive: (far: UnixStream) => Receive): ReturnType<Make> {
  const [near, far] = UnixStream.pair();
  near.write(Buffer.from('text'));
  return [near, far, receive(far)];
}

function udp(receive: (far: UdpSocket) => Receive): ReturnType<Make> {
  const far = UdpSocket.bind(LOCAL);
  const near = UdpSocket.connect({ host: '127.0.0.1', port: far.localAddress.port });
  near.send(Buffer.from('text'));
  return [near, far, receive(far)];
}

const anyPair = () => UnixDatagram.pair().map((end) => AnySocket.adopt(end.detach())) as [AnySocket, AnySocket];

const METHODS: Readonly<Record<string, Make>> = {
  'StreamSocket.read': () => streams((far) => (into, flags) => far.read(into, 0, 4, flags)),
  'UnixStream.receiveFds': () => streams((far) => (into, flags) => far.receiveFds(into, 1, flags)?.length),
  'DatagramSocket.receive': () => udp((far) => (into, flags) => far.receive(into, 0, 4, flags)),
  'UdpSocket.receiveFrom': () => udp((far) => (into, flags) => far.receiveFrom(into, 0, 4, flags)?.length),
  'UnixDatagram.receiveFrom': () =>
    sentBy(UnixDatagram.pair(), (far) => (into, flags) => far.receiveFrom(into, 0, 4, flags)?.length),
  'UnixDatagram.receiveFds': () =>
    sentBy(UnixDatagram.pair(), (far) => (into, flags) => far.receiveFds(into, 1, flags)?.length),
  'UnixSeqpacket.receiveFds': () =>
    sentBy(UnixSeqpacket.pair(), (far) => (into, flags) => far.receiveFds(into, 1, flags)?.length),
  'AnySocket.receive': () => sentBy(anyPair(), (far) => (into, flags) => far.receive(into, 0, 4, flags)),
  'AnySocket.receiveFrom': () =>
    sentBy(anyPair(), (far) => (into, flags) => far.receiveFrom(into, 0, 4, flags)?.length),
};

test.each(Object.entries(METHODS))('%s() with MSG_PEEK leaves the data in place, and never blocks', (_, make) => {
  const [near, far, receive] = make();
  const into = Buffer.alloc(4);
  expect(waitFor(far, EventSet.IN, () => receive(into, MSG_PEEK))).toBe(4);
  expect(into.toString()).toBe('text');
  expect(receive(into.fill(0), MSG_PEEK)).toBe(4);
  expect(receive(into)).toBe(4);
  expect(into.toString()).toBe('text');
  expect(receive(into, MSG_PEEK)).toBeUndefined();
  for (const flags of [MSG_TRUNC, MSG_PEEK | MSG_TRUNC]) {
    expect(raises(() => receive(into, flags))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  }
  near.close();
  far.close();
});

test('receiveFds() with MSG_PEEK returns duplicates, and the fds arrive again', () => {
  const [near, far] = UnixStream.pair();
  using sent = new EventFd();
  near.sendFds([sent], new Uint8Array(1));
  const fds = [MSG_PEEK, 0].flatMap((flags) => far.receiveFds(new Uint8Array(1), 1, flags)?.fds ?? []);
  expect(new Set(fds).size).toBe(2);
  for (const fd of fds) {
    expect(fstatSync(fd).ino).toBe(fstatSync(sent.fd).ino);
    close(fd);
  }
  near.close();
  far.close();
});

/** Sends on the socket that is its stdin. The last byte is urgent. */
const URGENT = 'use Socket; open(my $s, "+<&=", 0); send($s, "ab!", MSG_OOB) == 3 or die $!';
const perl = lackOf('perl with Socket', () => {
  const { status } = spawnSync('perl', ['-MSocket', '-e', '1']);
  if (status !== 0) {
    throw new Error('no perl');
  }
  return { close: () => undefined };
});

testIf(perl, 'urgent data reports PRIORITY until it is received', () => {
  using listener = TcpListener.listen(LOCAL);
  const near = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  const far = waitFor(listener, EventSet.IN, () => listener.accept());
  const { status, stderr } = spawnSync('perl', ['-e', URGENT], { stdio: [near.fd, 'ignore', 'pipe'] });
  expect([status, String(stderr)]).toEqual([0, '']);
  using manager = new EventManager();
  const seen: string[] = [];
  const into = Buffer.alloc(8);
  manager.add(far, EventSet.PRIORITY, (events) => {
    seen.push(EventSet.format(events), into.toString('utf8', 0, far.read(into, 0, 8, MSG_OOB)));
  });
  manager.wait();
  expect(seen).toEqual(['PRIORITY', '!']);
  // If the data were still there, PRIORITY would be reported again.
  expect(manager.wait(0)).toBe(0);
  expect(raises(() => far.read(into, 0, 8, MSG_OOB))).toMatchObject({ code: 'EINVAL', syscall: 'recvmsg', fd: far.fd });
  expect(into.toString('utf8', 0, far.read(into))).toBe('ab');
  near.close();
  far.close();
});
