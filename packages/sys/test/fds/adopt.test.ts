import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import * as sys from '../../src/index.js';
import { AnyFd, connection, datagrams, type Keep, listen, pipe, streams } from '../support/file-makers.js';
import { lackOf, lackOfMountNamespaces, MOUNT_NAMESPACE, testIf } from '../support/named-skip.js';
import { openNetlink } from '../support/netlink.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const { O_RDWR, O_NONBLOCK } = constants;
const O_PATH = 0o1000_0000;
const IPPROTO_MPTCP = 262;
const { AF_INET, SOCK_STREAM } = sys.Socket.constants;

interface FdClass {
  readonly prototype: sys.OwnedFd;
  readonly name: string;
  adopt(fd: number): sys.OwnedFd;
}

/** A kind of file: how it is opened, the name that an error has for it, and which classes stand for it. */
type Kind = readonly [name: string, open: (keep: Keep) => { readonly fd: number }, classes: readonly FdClass[]];

const CLASSES: readonly FdClass[] = Object.values(sys).filter(
  (value): value is typeof value & FdClass => 'adopt' in value,
);

const path = () => `\0em-${randomUUID()}`;
const number = (keep: Keep, fd: number) => keep(new AnyFd(fd));
const openMptcp = () => sys.AnySocket.open({ family: AF_INET, type: SOCK_STREAM, protocol: IPPROTO_MPTCP });
const mptcp: readonly Kind[] = [
  ['a TCP stream', (keep) => keep(openMptcp()), [sys.TcpStream, sys.AnySocket]],
  ['a TCP listener', (keep) => listening(keep(openMptcp())), [sys.TcpListener, sys.AnySocket]],
];

const KINDS: readonly Kind[] = [
  ...(lackOf('MPTCP', openMptcp) === undefined ? mptcp : []),
  ['an eventfd', (keep) => keep(new sys.EventFd()), [sys.EventFd]],
  ['a timerfd', (keep) => keep(new sys.TimerFd()), [sys.TimerFd]],
  ['a pidfd', (keep) => keep(new sys.PidFd(process.pid)), [sys.PidFd]],
  ['an inotify instance', (keep) => keep(new sys.Inotify()), [sys.Inotify]],
  ['an epoll instance', (keep) => number(keep, binding().epollCreate()), []],
  ['the read end of a pipe', (keep) => pipe(keep).reader, [sys.PipeReader]],
  ['the write end of a pipe', (keep) => pipe(keep).writer, [sys.PipeWriter]],
  ['both ends of a pipe', (keep) => number(keep, openFifo(keep, O_RDWR)), [sys.PipeReader, sys.PipeWriter]],
  ['the path of a pipe, opened with O_PATH', (keep) => number(keep, openFifo(keep, O_PATH)), []],
  ['a regular file', (keep) => number(keep, sys.open(import.meta.filename)), []],
  ['a directory', (keep) => number(keep, sys.open('/')), []],
  ['a character device', (keep) => number(keep, sys.open('/dev/null')), []],
  ['a TCP listener', (keep) => listen(keep), [sys.TcpListener, sys.AnySocket]],
  ['a TCP stream', (keep) => connection(keep).near, [sys.TcpStream, sys.AnySocket]],
  ['a UDP socket', (keep) => keep(sys.UdpSocket.bind({ host: '::1', port: 0 })), [sys.UdpSocket, sys.AnySocket]],
  ['a unix listener', (keep) => keep(sys.UnixListener.listen({ path: path() })), [sys.UnixListener, sys.AnySocket]],
  ['a unix stream', (keep) => streams(keep).near, [sys.UnixStream, sys.AnySocket]],
  ['a unix datagram socket', (keep) => datagrams(keep).near, [sys.UnixDatagram, sys.AnySocket]],
  [
    'a unix seqpacket listener',
    (keep) => keep(sys.UnixSeqpacketListener.listen({ path: path() })),
    [sys.UnixSeqpacketListener, sys.AnySocket],
  ],
  [
    'a unix seqpacket socket',
    (keep) => sys.UnixSeqpacket.pair().map(keep)[0] as sys.UnixSeqpacket,
    [sys.UnixSeqpacket, sys.AnySocket],
  ],
  ['a socket of family 16, type 3, protocol 0', (keep) => keep(openNetlink()), [sys.AnySocket]],
];

const kept: { close(): void }[] = [];
const keep: Keep = (closable) => {
  kept.push(closable);
  return closable;
};

expectNoFilesLeftOpen();

afterEach(() => {
  for (const closable of kept.splice(0).reverse()) {
    closable.close();
  }
});

function listening(socket: sys.AnySocket): sys.AnySocket {
  socket.listen();
  return socket;
}

function openFifo(keep: Keep, flags: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'em-adopt-'));
  keep({ close: () => rmSync(folder, { recursive: true }) });
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  return openSync(fifo, flags);
}

/** Changes the flags that adopt() sets, and returns how they are now. */
function unset(fd: number): sys.FdFlags {
  binding().setFdFlags(fd, 0);
  binding().setFlags(fd, binding().getFlags(fd) & ~O_NONBLOCK);
  return sys.getFlags(fd);
}

/** The name in an error of `type`: only the classes of sockets distinguish kinds of sockets. */
function nameFor(type: FdClass, name: string, classes: readonly FdClass[]): string {
  return classes.includes(sys.AnySocket) && !(type.prototype instanceof sys.Socket) ? 'a socket' : name;
}

test('the table has a kind for each class that adopts', () => {
  const inTable = new Set(KINDS.flatMap(([, , classes]) => classes));
  expect([...inTable].map(({ name }) => name).sort()).toEqual(CLASSES.map(({ name }) => name).sort());
});

describe.each(KINDS)('%s', (name, open, classes) => {
  test.each(classes.map((type) => [type.name, type] as const))(
    '%s.adopt() takes it over, close-on-exec and non-blocking',
    (_, type) => {
      const fd = sys.dup(open(keep).fd);
      const { access } = unset(fd);
      const adopted = keep(type.adopt(fd));
      expect(adopted).toBeInstanceOf(type);
      expect(adopted.fd).toBe(fd);
      expect(sys.getFlags(fd)).toMatchObject({ closeOnExec: true, nonBlocking: true, access });
      adopted.close();
      expect(raises(() => sys.getFlags(fd)).code).toBe('EBADF');
    },
  );

  const others = CLASSES.filter((type) => !classes.includes(type));
  test.each(others.map((type) => [type.name, type] as const))(
    '%s.adopt() refuses it and leaves it as it was',
    (_, type) => {
      const { fd } = keep(new AnyFd(sys.dup(open(keep).fd)));
      const before = name.includes('O_PATH') ? sys.getFlags(fd) : unset(fd);
      const error = raises(() => type.adopt(fd));
      expect(error).toMatchObject({ name: 'EventManagerError', code: 'ERR_EM_WRONG_KIND', fd });
      expect(error.message).toContain(`Cannot adopt fd ${fd}: it is ${nameFor(type, name, classes)}, not `);
      expect(sys.getFlags(fd)).toEqual(before);
    },
  );
});

describe.each(CLASSES.map((type) => [type.name, type] as const))('%s', (_, type) => {
  test('adopt() of an fd that is not open says so', () => {
    const fd = sys.dup(0);
    sys.close(fd);
    expect(raises(() => type.adopt(fd))).toMatchObject({ code: 'EBADF', fd });
  });

  test('its constructor does not take over an fd', () => {
    const fd = new sys.EventFd().detach();
    try {
      keep(Reflect.construct(type as unknown as new () => sys.OwnedFd, [fd]));
    } catch (error) {
      // That of PidFd takes a number too, but as a process id. Old kernels refuse every id.
      expect(['ERR_INVALID_ARG_TYPE', 'ESRCH', 'ENOSYS', 'EPERM']).toContain((error as { code?: unknown }).code);
    }
    expect(kept.map((closable) => (closable as Partial<sys.OwnedFd>).fd)).not.toContain(fd);
    sys.close(fd);
  });
});

test('in a worker without an fd for the duplicate, adopt() leaves the fd as it was, and works later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-adopt-'));
  keep({ close: () => rmSync(folder, { recursive: true }) });
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const program = fileURLToPath(new URL('../programs/adopt-in-full-worker.mjs', import.meta.url));
  const script = 'ulimit -n 64 && exec "$0" "$1" "$2"';
  const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, program, fifo]);
  const { code, before, after, adopted } = JSON.parse(stdout);
  expect(code).toBe('EMFILE');
  expect(after).toEqual(before);
  expect(before).toMatchObject({ nonBlocking: false });
  expect(adopted).toMatchObject({ nonBlocking: true, closeOnExec: true });
});

test('adopt() sets O_NONBLOCK for all fds of the open file, and close-on-exec for its own alone', () => {
  const { reader } = pipe(keep);
  unset(reader.fd);
  keep(sys.PipeReader.adopt(sys.dup(reader.fd)));
  expect(sys.getFlags(reader.fd)).toMatchObject({ nonBlocking: true, closeOnExec: false });
});

const { LSAN_OPTIONS, TSAN_OPTIONS } = process.env;
const lackOfProcs =
  (LSAN_OPTIONS ?? TSAN_OPTIONS) === undefined ? lackOfMountNamespaces() : 'the sanitizer needs /proc';

testIf(lackOfProcs, 'without /proc, adopt() checks the type of the file alone', async () => {
  const { stdout } = await promisify(execFile)('unshare', [
    ...MOUNT_NAMESPACE,
    'sh',
    '-c',
    'mount -t tmpfs none /proc && exec "$0" "$1"',
    process.execPath,
    fileURLToPath(new URL('../programs/adopt-without-proc.mjs', import.meta.url)),
  ]);
  const refusal = 'ERR_EM_WRONG_KIND Cannot adopt fd N: it is the read end of a pipe, not an eventfd';
  expect(JSON.parse(stdout)).toEqual([false, true, true, refusal]);
});
