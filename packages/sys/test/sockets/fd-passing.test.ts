import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { close, dup, EventFd, Pipe, Socket, UnixDatagram, UnixSeqpacket, UnixStream, write } from '../../src/index.js';
import { expectOpened, type OpenFiles, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';

/** From `<fcntl.h>`; node:fs does not have it. */
const O_CLOEXEC = 0o2000000;
/** From `<asm-generic/socket.h>`, since Linux 6.5. */
const SO_PASSPIDFD = 76;
const SO_PASSCRED = 16;
const SO_TIMESTAMP = 29;
const SO_PASSSEC = 34;
const { SOL_SOCKET } = Socket.constants;
const MESSAGE = Buffer.from('fds');

let before: OpenFiles;

beforeEach(() => {
  before = openFiles();
});

afterEach(() => expectOpened(before));

type End = UnixStream | UnixDatagram | UnixSeqpacket;

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

  test('passes fds, as numbers or as objects, for the same open files, in order and close-on-exec', () => {
    using eventFd = new EventFd();
    const { reader, writer } = Pipe.open();
    expect(one.sendFds([eventFd, writer.fd], MESSAGE)).toBe(3);
    writer.close();
    const into = Buffer.alloc(8);
    const { fds, ...message } = there(other.receiveFds(into));
    expect(message).toMatchObject({ length: 3, truncated: false, fdsTruncated: false });
    expect(into.toString('latin1', 0, 3)).toBe('fds');
    const [counter = -1, pipe = -1] = fds;
    expect(fds).toHaveLength(2);
    write(counter, new Uint8Array(new BigUint64Array([7n]).buffer));
    write(pipe, MESSAGE);
    expect(eventFd.read()).toBe(7n);
    expect(reader.read(into)).toBe(3);
    for (const fd of fds) {
      expect(flagsOf(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
      close(fd);
    }
    expect(reader.read(into)).toBe(0);
    reader.close();
  });

  test('passes up to 253 fds in one message, and refuses 254', () => {
    using eventFd = new EventFd();
    for (const count of [1, 2, 3, 252, 253]) {
      one.sendFds(Array(count).fill(eventFd), MESSAGE);
      const { fds, fdsTruncated } = there(other.receiveFds(Buffer.alloc(8)));
      expect([fds.length, fdsTruncated]).toEqual([count, false]);
      for (const fd of fds) {
        close(fd);
      }
    }
    expect(raises(() => one.sendFds(Array(254).fill(eventFd), MESSAGE)).code).toBe('ERR_OUT_OF_RANGE');
  });

  test.each([0, 1, 2, 3, 4])(
    'with maxFds, takes %d of five fds, reports that some are lost, and leaks none',
    async (maxFds) => {
      using eventFd = new EventFd();
      one.sendFds(Array(5).fill(eventFd), MESSAGE);
      const { fds, fdsTruncated, length } = there(other.receiveFds(Buffer.alloc(8), maxFds));
      expect([fds.length, fdsTruncated, length]).toEqual([maxFds, true, 3]);
      await expectOpened(before, 3 + maxFds);
      for (const fd of fds) {
        close(fd);
      }
    },
  );

  test('leaves no pidfd of the sender open, which the kernel adds if the socket asks for it', async ({ skip }) => {
    using eventFd = new EventFd();
    const { setsockopt, socketConstants } = binding();
    const on = new Uint8Array(Int32Array.of(1).buffer);
    skip(setsockopt(other.fd, socketConstants.SOL_SOCKET, SO_PASSPIDFD, on) !== 0, 'needs Linux 6.5');
    one.sendFds([eventFd], MESSAGE);
    const { fds, fdsTruncated } = there(other.receiveFds(Buffer.alloc(8)));
    expect([fds.length, fdsTruncated]).toEqual([1, false]);
    await expectOpened(before, 4);
    close(fds[0] ?? -1);
  });

  test.each([
    ['credentials', [SO_PASSCRED]],
    ['a security label', [SO_PASSSEC]],
    ['a time stamp', [SO_TIMESTAMP]],
    ['all of them', [SO_PASSCRED, SO_PASSSEC, SO_TIMESTAMP, SO_PASSPIDFD]],
  ])('loses no fd if the socket also receives %s', (_, options) => {
    using eventFd = new EventFd();
    for (const option of options) {
      binding().setsockopt(other.fd, SOL_SOCKET, option, new Uint8Array(Int32Array.of(1).buffer));
    }
    for (const [sent, room] of [
      [1, 1],
      [2, 2],
      [253, 253],
    ] as const) {
      one.sendFds(Array(sent).fill(eventFd), MESSAGE);
      const { fds, fdsTruncated } = there(other.receiveFds(Buffer.alloc(8), room));
      expect([fds.length, fdsTruncated]).toEqual([sent, false]);
      for (const fd of fds) {
        close(fd);
      }
    }
  });

  test('receives messages without fds, and would-block is a value', () => {
    expect(other.receiveFds(Buffer.alloc(8))).toBeUndefined();
    sendPlain(one);
    expect(other.receiveFds(Buffer.alloc(8))).toMatchObject({ length: 3, fds: [], fdsTruncated: false });
  });

  test('throws EBADF for an fd that is not open, and sends nothing', () => {
    using eventFd = new EventFd();
    const closed = dup(eventFd.fd);
    close(closed);
    expect(raises(() => one.sendFds([eventFd, closed], MESSAGE))).toMatchObject({ code: 'EBADF', syscall: 'sendmsg' });
    expect(other.receiveFds(Buffer.alloc(8))).toBeUndefined();
  });

  test('would block when it is full, and the fds that it did not take do not arrive', () => {
    using eventFd = new EventFd();
    let sent = 0;
    while (one.sendFds([eventFd], MESSAGE) !== undefined) {
      sent++;
    }
    let received = 0;
    for (let m = other.receiveFds(Buffer.alloc(3)); m !== undefined; m = other.receiveFds(Buffer.alloc(3))) {
      received += m.fds.length;
      for (const fd of m.fds) {
        close(fd);
      }
    }
    expect(received).toBe(sent);
  });

  test.each<[string, unknown[], string]>([
    ['no array', [3, MESSAGE], 'ERR_INVALID_ARG_TYPE'],
    ['an array without fds', [[], MESSAGE], 'ERR_OUT_OF_RANGE'],
    ['text for an fd', [['3'], MESSAGE], 'ERR_INVALID_ARG_TYPE'],
    ['an object without an fd', [[{}], MESSAGE], 'ERR_INVALID_ARG_TYPE'],
    ['null for an fd', [[null], MESSAGE], 'ERR_INVALID_ARG_TYPE'],
    ['an array with a hole', [Array(1), MESSAGE], 'ERR_INVALID_ARG_TYPE'],
    ['a negative fd', [[-1], MESSAGE], 'ERR_OUT_OF_RANGE'],
    ['an fd of 2³²', [[2 ** 32], MESSAGE], 'ERR_OUT_OF_RANGE'],
    ['no buffer', [[0]], 'ERR_INVALID_ARG_TYPE'],
    ['text for a buffer', [[0], 'fds'], 'ERR_INVALID_ARG_TYPE'],
  ])('refuses to send %s', (_, args, code) => {
    expect(raises(() => Reflect.apply(one.sendFds, one, args)).code).toBe(code);
    expect(other.receiveFds(Buffer.alloc(8))).toBeUndefined();
  });

  test('sends nothing if a getter of an fd closes the socket', () => {
    using eventFd = new EventFd();
    const closing = {
      get fd() {
        one.close();
        return eventFd.fd;
      },
    };
    expect(raises(() => one.sendFds([closing], MESSAGE)).code).toBe('ERR_EM_CLOSED');
  });

  test('does not send an object whose fd is closed', () => {
    const eventFd = new EventFd();
    eventFd.close();
    expect(raises(() => one.sendFds([eventFd], MESSAGE)).code).toBe('ERR_EM_CLOSED');
  });

  test.each<[string, unknown[], string]>([
    ['no buffer', [], 'ERR_INVALID_ARG_TYPE'],
    ['room for 254', [new Uint8Array(1), 254], 'ERR_OUT_OF_RANGE'],
    ['room for -1', [new Uint8Array(1), -1], 'ERR_OUT_OF_RANGE'],
    ['text for the room', [new Uint8Array(1), '1'], 'ERR_INVALID_ARG_TYPE'],
  ])('refuses to receive with %s, and the message stays', (_, args, code) => {
    using eventFd = new EventFd();
    one.sendFds([eventFd], MESSAGE);
    expect(raises(() => Reflect.apply(other.receiveFds, other, args)).code).toBe(code);
    const { fds } = there(other.receiveFds(Buffer.alloc(8)));
    expect(fds).toHaveLength(1);
    close(fds[0] ?? -1);
  });
});

test('a stream needs a byte to carry fds, a datagram does not', () => {
  using eventFd = new EventFd();
  const [stream, otherStream] = UnixStream.pair();
  expect(raises(() => stream.sendFds([eventFd], new Uint8Array(0))).code).toBe('ERR_OUT_OF_RANGE');
  const [datagram, otherDatagram] = UnixDatagram.pair();
  expect(datagram.sendFds([eventFd], new Uint8Array(0))).toBe(0);
  const { fds } = there(otherDatagram.receiveFds(new Uint8Array(0)));
  expect(fds).toHaveLength(1);
  close(fds[0] ?? -1);
  for (const socket of [stream, otherStream, datagram, otherDatagram]) {
    socket.close();
  }
});

test('read() and receiveFrom() take the bytes of a message with fds, and leave no fd open', async () => {
  using eventFd = new EventFd();
  const [stream, otherStream] = UnixStream.pair();
  const [datagram, otherDatagram] = UnixDatagram.pair();
  stream.sendFds([eventFd], MESSAGE);
  datagram.sendFds([eventFd], MESSAGE);
  const open = openFiles();
  expect(otherStream.read(Buffer.alloc(8))).toBe(3);
  expect(otherDatagram.receiveFrom(Buffer.alloc(8))?.length).toBe(3);
  await expectOpened(open);
  for (const socket of [stream, otherStream, datagram, otherDatagram]) {
    socket.close();
  }
});

test('receiveFds() of a stream stops at the end of what one sendFds() sent', () => {
  using eventFd = new EventFd();
  const [one, other] = UnixStream.pair();
  one.sendFds([eventFd], Buffer.from('a'));
  one.sendFds([eventFd], Buffer.from('bc'));
  const received = [1, 2].map(() => there(other.receiveFds(Buffer.alloc(8))));
  expect(received.map(({ length, fds }) => [length, fds.length])).toEqual([
    [1, 1],
    [2, 1],
  ]);
  for (const fd of received.flatMap(({ fds }) => fds)) {
    close(fd);
  }
  one.close();
  other.close();
});

test('a received fd has the flags that the sender gave the file, and close-on-exec', () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-fds-'));
  const file = openSync(join(folder, 'file'), 'w');
  const [one, other] = UnixStream.pair();
  one.sendFds([file], MESSAGE);
  const [fd = -1] = there(other.receiveFds(Buffer.alloc(8))).fds;
  expect(flagsOf(fd)).toBe(flagsOf(file) | O_CLOEXEC);
  close(fd);
  closeSync(file);
  one.close();
  other.close();
  rmSync(folder, { recursive: true });
});

test('receiveFds() of a datagram socket returns the sender, undefined if it has no name', () => {
  const path = `\0em-${randomUUID()}`;
  using eventFd = new EventFd();
  using receiver = UnixDatagram.bind({ path });
  using sender = UnixDatagram.connect({ path });
  sender.sendFds([eventFd], MESSAGE);
  const { from, fds } = there(receiver.receiveFds(Buffer.alloc(8)));
  expect([from, fds.length]).toEqual([undefined, 1]);
  close(fds[0] ?? -1);
});

describe('the native calls', () => {
  const bytes = new Uint8Array(8);
  const none = new Uint8Array(0);
  const noFds = new Uint32Array(0);
  const { EBADF, EINVAL } = constants.errno;

  test.each<[string, unknown[]]>([
    ['an address that is not bytes', [bytes, 0, 8, [], noFds, none]],
    ['fds that are not words', [bytes, 0, 8, none, new Int32Array(1), none]],
    ['fds that are bytes', [bytes, 0, 8, none, none, none]],
    ['a slice beyond the buffer', [bytes, 1, 8, none, noFds, none]],
    ['a local address that is not bytes', [bytes, 0, 8, none, noFds, []]],
    ['fds together with a local address', [bytes, 0, 8, none, new Uint32Array(1), new Uint8Array(4)]],
  ])('return -EINVAL for %s', (_, args) => {
    const [one, other] = UnixStream.pair();
    const { sendmsg, recvmsg } = binding();
    const outcome = new Uint32Array(5);
    expect(Reflect.apply(sendmsg, undefined, [one.fd, ...args])).toBe(-EINVAL);
    expect(Reflect.apply(recvmsg, undefined, [other.fd, ...args, noFds, outcome, 0])).toBe(-EINVAL);
    one.close();
    other.close();
  });

  test('return -EINVAL for too little room for the outcome, or too many fds', () => {
    const [one, other] = UnixStream.pair();
    const { sendmsg, recvmsg } = binding();
    one.write(MESSAGE);
    for (const outcome of [new Uint32Array(4), new Uint8Array(20), undefined]) {
      expect(Reflect.apply(recvmsg, undefined, [other.fd, bytes, 0, 8, none, noFds, none, noFds, outcome, 0])).toBe(
        -EINVAL,
      );
    }
    expect(sendmsg(one.fd, bytes, 0, 8, none, new Uint32Array(2 ** 20), none)).toBe(-EINVAL);
    expect(sendmsg(one.fd, bytes, 0, 8, none, new Uint32Array([0xffff_ffff]), none)).toBe(-EBADF);
    expect(sendmsg(one.fd, bytes, 0, 8, none, noFds, new Uint8Array(5))).toBe(-EINVAL);
    const fds = new Uint32Array(1000);
    expect(recvmsg(other.fd, bytes, 0, 8, none, fds, none, noFds, new Uint32Array(5), 0)).toBe(3);
    one.close();
    other.close();
  });
});

function sendPlain(end: End): void {
  if (end instanceof UnixStream) {
    end.write(MESSAGE);
  } else {
    end.send(MESSAGE);
  }
}

function flagsOf(fd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  return Number.parseInt(/^flags:\t(\d+)$/m.exec(text)?.[1] ?? '', 8);
}

function there<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('it would block');
  }
  return value;
}
