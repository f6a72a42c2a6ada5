// Watches each kind of fd, makes it ready, and reads it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  close,
  dup,
  EventFd,
  EventManager,
  EventSet,
  Inotify,
  open,
  PidFd,
  Pipe,
  type Registration,
  read,
  TcpListener,
  TcpStream,
  TimerFd,
  UdpBatch,
  UdpSocket,
  UnixDatagram,
  UnixDatagramBatch,
  UnixListener,
  UnixSeqpacket,
  UnixSeqpacketListener,
  UnixStream,
} from '@em/sys';
import { runTests, test, testUnless } from '../../../../tools/ci/runtimes/run-tests.js';

const PING = Buffer.from('ping');
const abstract = (): string => `\0em-${randomUUID()}`;

/** Waits until `events` are reported, and checks that no others are. */
function waitFor(object: { readonly fd: number }, events: EventSet = EventSet.IN): void {
  using manager = new EventManager();
  let reported: EventSet = EventSet.EMPTY;
  manager.add(object, events, (seen) => {
    reported = seen;
  });
  do {
    manager.wait(30_000);
  } while (manager.lastWait.cause === 'interrupt');
  assert.equal(EventSet.format(reported), EventSet.format(events));
}

/** Waits until a socket receives something, and returns it as text. */
function received(socket: { readonly fd: number; read(into: Uint8Array): number | undefined }): string {
  const into = Buffer.alloc(16);
  waitFor(socket);
  return into.toString('latin1', 0, socket.read(into));
}

function there<R>(value: R | undefined): R {
  assert.notEqual(value, undefined);
  return value as R;
}

test('EventFd', () => {
  using eventFd = new EventFd();
  assert.equal(eventFd.read(), undefined);
  eventFd.write(3n);
  waitFor(eventFd);
  assert.equal(eventFd.read(), 3n);
});

test('TimerFd', () => {
  using timer = new TimerFd();
  timer.set({ afterNs: 1n });
  waitFor(timer);
  assert.equal(timer.read(), 1n);
});

test('PidFd', () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  using pidFd = new PidFd(child);
  assert.equal(pidFd.exitStatus(), undefined);
  assert.equal(pidFd.sendSignal('SIGKILL'), true);
  waitFor(pidFd);
  assert.deepEqual(pidFd.exitStatus(), { exitCode: null, signal: 'SIGKILL' });
});

test('exitStatus() of a PidFd returns the status of every child during run()', async () => {
  using manager = new EventManager();
  const statuses: (number | null)[] = [];
  const expected = Array.from({ length: 50 }, (_, exitCode) => exitCode);
  for (const exitCode of expected) {
    const pidFd = new PidFd(spawn('sh', ['-c', `exit ${exitCode}`], { stdio: 'ignore' }));
    const onEnd = (_events: EventSet, registration: Registration) => {
      const status = pidFd.exitStatus();
      if (status !== undefined) {
        statuses[exitCode] = status.exitCode;
        registration.delete();
      }
      if (manager.size === 0) {
        manager.stop();
      }
    };
    manager.add(pidFd, EventSet.IN, onEnd, { own: true });
  }
  await manager.run();
  assert.deepEqual(statuses, expected);
});

testUnless(
  'deno' in process.versions && 'Deno then rejects a promise that cannot be handled',
  'reap() of a PidFd reaps a child in a loop of wait()',
  async () => {
    const child = spawn('sh', ['-c', 'exit 7'], { stdio: 'ignore' });
    const pid = there(child.pid);
    using pidFd = new PidFd(pid);
    waitFor(pidFd);
    assert.deepEqual(pidFd.reap(), { pid, exitCode: 7, signal: null });
    assert.throws(() => pidFd.reap(), { code: 'ECHILD' });
    if ('bun' in process.versions) {
      assert.equal((await once(child, 'error'))[0].code, 'ECHILD');
    }
    child.unref();
  },
);

test('Inotify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-smoke-'));
  using inotify = new Inotify();
  const watch = inotify.add(folder, ['CREATE']);
  writeFileSync(join(folder, 'file'), '');
  waitFor(inotify);
  const [event] = there(inotify.read());
  assert.deepEqual(event, { ...event, watch, name: 'file', changes: ['CREATE'] });
  rmSync(folder, { recursive: true });
});

test('Pipe', () => {
  const { reader, writer } = Pipe.open();
  waitFor(writer, EventSet.OUT);
  writer.write(PING);
  assert.equal(received(reader), 'ping');
  writer.close();
  waitFor(reader, EventSet.HANG_UP);
  reader.close();
});

test('TcpListener and TcpStream', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  using client = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  waitFor(listener);
  using server = there(listener.accept());
  waitFor(client, EventSet.OUT);
  client.write(PING);
  assert.equal(received(server), 'ping');
});

test('UdpSocket', () => {
  using server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  using client = UdpSocket.connect({ host: '127.0.0.1', port: server.localAddress.port });
  client.send(PING);
  waitFor(server);
  assert.deepEqual(server.receiveFrom(new Uint8Array(8)), { length: 4, truncated: false, from: client.localAddress });
});

test('UdpSocket with a batch, and datagrams that are sent and received together', () => {
  using server = UdpSocket.bind({ host: '0.0.0.0', port: 0 });
  using client = UdpSocket.connect({ host: '127.0.0.2', port: server.localAddress.port });
  server.setPacketInfo(true);
  const areTogether = server.setCoalescing(true);
  const batch = new UdpBatch();
  batch.put(0, PING);
  batch.put(1, Buffer.from('onetwoend'), undefined, 3);
  assert.equal(client.sendMany(batch, 2), 2);
  waitFor(server);
  const count = there(server.receiveMany(batch));
  assert.equal(count, areTogether ? 2 : 4);
  assert.equal(batch.peerAt(1).local, '127.0.0.2');
  assert.equal(server.sendMany(batch, count), count);
  waitFor(client);
  assert.equal(client.receiveMany(batch), 4);
  const texts = [0, 1, 2, 3].map((index) => Buffer.from(batch.bytesAt(index)).toString());
  assert.deepEqual(texts, ['ping', 'one', 'two', 'end']);
  assert.equal(client.receiveMany(batch), undefined);
});

test('UnixDatagram with a batch', () => {
  const [one, other] = UnixDatagram.pair();
  const batch = new UnixDatagramBatch();
  batch.put(0, PING);
  batch.put(1, new Uint8Array(0));
  assert.equal(one.sendMany(batch, 2), 2);
  assert.equal(other.receiveMany(batch), 2);
  assert.deepEqual([batch.lengthAt(0), batch.lengthAt(1)], [4, 0]);
  one.close();
  other.close();
});

test('UnixListener and UnixStream', () => {
  const path = abstract();
  using listener = UnixListener.listen({ path });
  using client = there(UnixStream.connect({ path }));
  waitFor(listener);
  using server = there(listener.accept());
  client.write(PING);
  assert.equal(received(server), 'ping');
});

test('UnixSeqpacketListener and UnixSeqpacket', () => {
  const path = abstract();
  using listener = UnixSeqpacketListener.listen({ path });
  using client = there(UnixSeqpacket.connect({ path }));
  waitFor(listener);
  using server = there(listener.accept());
  client.send(PING);
  waitFor(server);
  assert.equal(server.receiveFds(new Uint8Array(8))?.length, 4);
});

test('UnixDatagram, and passing an fd', () => {
  const [one, other] = UnixDatagram.pair();
  using eventFd = new EventFd();
  one.sendFds([eventFd], PING);
  waitFor(other);
  const [fd = -1] = there(other.receiveFds(new Uint8Array(8))).fds;
  eventFd.write();
  waitFor({ fd });
  close(fd);
  one.close();
  other.close();
});

test('UnixDatagram and UnixStream, with the credentials of the sender and of the peer', () => {
  const [one, other] = UnixDatagram.pair();
  other.setCredentials(true);
  one.send(PING);
  waitFor(other);
  assert.equal(there(other.receiveFrom(new Uint8Array(8))).credentials?.pid, process.pid);
  const ends = UnixStream.pair();
  assert.equal(ends[0].peerCredentials.pid, process.pid);
  for (const socket of [one, other, ...ends]) {
    socket.close();
  }
});

test('an fd without an fd object', () => {
  using eventFd = new EventFd(1);
  const fd = dup(eventFd.fd);
  waitFor({ fd });
  assert.equal(read(fd, new Uint8Array(8)), 8);
  close(fd);
});

test('an attribute of sysfs, which is read again from its start', () => {
  const fd = open('/sys/class/net/lo/operstate');
  const [first, again] = [Buffer.alloc(64), Buffer.alloc(64)];
  const count = read(fd, first);
  assert.equal(read(fd, again), 0);
  assert.equal(read(fd, again, 0, 64, 0), count);
  assert.deepEqual(again, first);
  close(fd);
});

test('a file that epoll cannot watch is refused with an error that names its kind', () => {
  using manager = new EventManager();
  const fd = openSync('/dev/null', 'r');
  assert.throws(() => manager.add(fd, EventSet.IN, () => undefined), { code: 'ERR_EM_NOT_POLLABLE', message: /null/ });
  closeSync(fd);
});

await runTests();
