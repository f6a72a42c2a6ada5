import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  AnySocket,
  close,
  EventFd,
  EventSet,
  PidFd,
  Socket,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  UnixSeqpacketListener,
  UnixStream,
} from '../../../src/index.js';
import { lackOfUserNamespaces, testIf } from '../../support/named-skip.js';
import { expectOpened, type OpenFiles, openFiles } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';
import { waitFor } from '../../support/wait-for.js';

const { SOL_SOCKET, SO_PASSCRED } = Socket.constants;
const SO_TIMESTAMP = 29;
const SO_PASSSEC = 34;
/** From `<asm-generic/socket.h>`, since Linux 6.5. */
const SO_PASSPIDFD = 76;
const SO_PEERPIDFD = 77;
const MESSAGE = Buffer.from('who?');
const UNKNOWN = { pid: 0, uid: 65534, gid: 65534 };
const { pid } = process;
const uid = process.getuid?.() ?? -1;
const gid = process.getgid?.() ?? -1;
const SELF = { pid, uid, gid };
/** Who a child runs as, if this process may choose. */
const USER = uid === 0 ? { uid: 1234, gid: 5678 } : {};

type End = UnixStream | UnixDatagram | UnixSeqpacket;

let before: OpenFiles;

beforeEach(() => {
  before = openFiles();
});

afterEach(() => expectOpened(before));

describe.each<[string, () => [End, End]]>([
  ['a stream', () => UnixStream.pair()],
  ['a datagram socket', () => UnixDatagram.pair()],
  ['a seqpacket socket', () => UnixSeqpacket.pair()],
])('%s', (_, pair) => {
  let one: End;
  let other: End;

  beforeEach(() => {
    [one, other] = pair();
  });

  afterEach(() => {
    one.close();
    other.close();
  });

  function credentials(flags?: number) {
    const message = there(other.receiveFds(Buffer.alloc(64), 0, flags));
    expect(message.length).toBe(MESSAGE.length);
    return message.credentials;
  }

  test('reports the credentials of the sender while setCredentials is on', () => {
    send(one);
    expect(credentials()).toBeUndefined();
    other.setCredentials(true);
    send(one);
    expect(credentials()).toEqual(SELF);
    other.setCredentials(false);
    send(one);
    expect(credentials()).toBeUndefined();
    expect(other.getOption(SOL_SOCKET, SO_PASSCRED)).toBe(0);
  });

  test('reports no credentials if only the option of the kernel is on', () => {
    other.setOption(SOL_SOCKET, SO_PASSCRED, 1);
    send(one);
    expect(credentials()).toBeUndefined();
  });

  test('reports unknown credentials of a message that was sent before setCredentials', () => {
    send(one);
    other.setCredentials(true);
    expect(credentials()).toEqual(UNKNOWN);
  });

  test('reports the credentials of a message that stays in place', () => {
    other.setCredentials(true);
    send(one);
    expect(credentials(Socket.constants.MSG_PEEK)).toEqual(SELF);
    expect(credentials()).toEqual(SELF);
  });

  test('reports the process that sends, and not the one that made the socket', async () => {
    other.setCredentials(true);
    send(one);
    const child = spawn('printf', ['who?'], { ...USER, stdio: ['ignore', one.fd, 'inherit'] });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(credentials()).toEqual(SELF);
    expect(credentials()).toEqual({ ...SELF, ...USER, pid: child.pid });
    expect(other.receiveFds(MESSAGE)).toBeUndefined();
  });

  test.each([
    ['nothing else', []],
    ['a security label, a time stamp and a pidfd', [SO_PASSSEC, SO_TIMESTAMP, SO_PASSPIDFD]],
  ])('receives credentials and 253 fds with one message, if the socket also receives %s', (_title, options) => {
    using eventFd = new EventFd();
    other.setCredentials(true);
    for (const option of options) {
      trySet(other, option);
    }
    one.sendFds(Array(253).fill(eventFd), MESSAGE);
    const message = there(other.receiveFds(Buffer.alloc(8)));
    expect(message).toMatchObject({ fdsTruncated: false, credentials: SELF });
    expect(message.fds).toHaveLength(253);
    for (const fd of message.fds) {
      close(fd);
    }
  });

  test('receives credentials and as many fds as wanted, and leaves no other open', async () => {
    using eventFd = new EventFd();
    other.setCredentials(true);
    one.sendFds(Array(5).fill(eventFd), MESSAGE);
    const { fds, ...message } = there(other.receiveFds(Buffer.alloc(8), 2));
    expect(message).toMatchObject({ length: 4, fdsTruncated: true, credentials: SELF });
    await expectOpened(before, 5);
    for (const fd of fds) {
      close(fd);
    }
  });

  test('would-block is a value while setCredentials is on', () => {
    other.setCredentials(true);
    expect(other.receiveFds(Buffer.alloc(8))).toBeUndefined();
  });
});

test('receiveFrom() of a datagram socket reports name and credentials, and leaves no fd open', async () => {
  const path = `\0em-${randomUUID()}`;
  using eventFd = new EventFd();
  using receiver = UnixDatagram.bind({ path });
  receiver.setCredentials(true);
  using sender = UnixDatagram.bind({ path: `${path}-sender` });
  sender.sendTo(path, MESSAGE);
  const message = { length: 4, truncated: false, credentials: SELF };
  expect(receiver.receiveFrom(Buffer.alloc(8))).toEqual({ ...message, from: `${path}-sender` });
  using connected = UnixDatagram.connect({ path });
  connected.sendFds([eventFd], MESSAGE);
  expect(receiver.receiveFrom(Buffer.alloc(8))).toEqual({ ...message, from: undefined });
  await expectOpened(before, 4);
});

test('a datagram socket without a name gets an abstract one when it sends while setCredentials is on', () => {
  const path = `\0em-${randomUUID()}`;
  using receiver = UnixDatagram.bind({ path });
  using sender = UnixDatagram.connect({ path });
  sender.setCredentials(true);
  sender.send(MESSAGE);
  expect(there(receiver.receiveFrom(Buffer.alloc(8))).from).toMatch(/^\0[0-9a-f]{5}$/);
});

test('read() and receiveFds() of a stream do not mix the bytes of two senders while setCredentials is on', async () => {
  const [one, other] = UnixStream.pair();
  other.setCredentials(true);
  for (const _ of [1, 2]) {
    send(one);
    const child = spawn('printf', ['child'], { stdio: ['ignore', one.fd, 'inherit'] });
    await once(child, 'exit');
  }
  const into = Buffer.alloc(64);
  expect([other.read(into), other.read(into)]).toEqual([4, 5]);
  expect([other.receiveFds(into)?.length, other.receiveFds(into)?.length]).toEqual([4, 5]);
  one.close();
  other.close();
});

const CONNECTIONS = {
  stream: { Listener: UnixListener, type: Socket.constants.SOCK_STREAM, End: UnixStream },
  seqpacket: { Listener: UnixSeqpacketListener, type: Socket.constants.SOCK_SEQPACKET, End: UnixSeqpacket },
} as const;

describe.each(Object.entries(CONNECTIONS))('peerCredentials of a %s', (_, { Listener, type, End }) => {
  test('is this process, if it holds both ends', () => {
    const path = `\0em-${randomUUID()}`;
    using listener = Listener.listen({ path });
    using near = there(End.connect({ path }));
    using far = there(listener.accept());
    expect([near.peerCredentials, far.peerCredentials]).toEqual([SELF, SELF]);
    const pair = End.pair();
    expect(pair.map((end) => end.peerCredentials)).toEqual([SELF, SELF]);
    for (const end of pair) {
      end.close();
    }
  });

  test('throws ENOTCONN if the socket is not connected', () => {
    const { AF_UNIX } = Socket.constants;
    using end = End.adopt(AnySocket.open({ family: AF_UNIX, type }).detach());
    const expected = { code: 'ENOTCONN', syscall: 'getsockopt', fd: end.fd };
    expect(raises(() => end.peerCredentials)).toMatchObject(expected);
  });
});

test('peerCredentials is the process that connected, and SO_PEERPIDFD leads to a PidFd of it', async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'em-credentials-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // Node 20 does not connect to abstract names.
  const path = join(folder, 'socket');
  using listener = UnixListener.listen({ path });
  const script = `require('node:net').connect(${JSON.stringify(path)}).resume()`;
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  using stream = waitFor(listener, EventSet.IN, () => listener.accept());
  expect(stream.peerCredentials).toEqual({ ...SELF, pid: child.pid });
  try {
    using peer = PidFd.adopt(pidFdOf(stream) ?? skip('needs Linux 6.5'));
    expect(peer.sendSignal('SIGTERM')).toBe(true);
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(peer.sendSignal(0)).toBe(false);
  } finally {
    child.kill();
    await exit;
  }
});

testIf(
  lackOfUserNamespaces(),
  'a user who does not exist in the user namespace of this process has the id 65534',
  () => {
    const program = join(import.meta.dirname, '../../programs/credentials.mjs');
    const output = execFileSync('unshare', ['--user', process.execPath, program], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual([
      [true, 65534, 65534],
      [true, 65534, 65534],
    ]);
  },
);

function send(end: End): void {
  if (end instanceof UnixStream) {
    end.write(MESSAGE);
  } else {
    end.send(MESSAGE);
  }
}

/** Sets an option that older kernels do not have. */
function trySet(socket: Socket, option: number): void {
  try {
    socket.setOption(SOL_SOCKET, option, 1);
  } catch {
    // The kernel does not have it.
  }
}

function pidFdOf(stream: UnixStream): number | undefined {
  try {
    return stream.getOption(SOL_SOCKET, SO_PEERPIDFD);
  } catch {
    return undefined;
  }
}

function there<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('it would block');
  }
  return value;
}
