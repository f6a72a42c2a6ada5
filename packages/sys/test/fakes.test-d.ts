// Holds the fakes of @em/testing to the classes of this package, member by member: code that is written against a class, or
// a Pick of it, takes the fake. A member that differs is named by the error of the compiler.

import type {
  FakeEventFd,
  FakeInotify,
  FakePidFd,
  FakePipeReader,
  FakePipeWriter,
  FakePoller,
  FakeTcpListener,
  FakeTcpStream,
  FakeTimerFd,
  FakeUdpSocket,
  FakeUnixDatagram,
  FakeUnixListener,
  FakeUnixStream,
} from '@em/testing';
import type {
  EventFd,
  Inotify,
  PidFd,
  PipeReader,
  PipeWriter,
  TcpListener,
  TcpStream,
  TimerFd,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '../src/index.js';

type Both<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

type Same<A, B> = [A, B] extends [
  (...args: infer ArgumentsA) => infer ResultA,
  (...args: infer ArgumentsB) => infer ResultB,
]
  ? Both<[Required<ArgumentsA>, ArgumentsA['length'], ResultA], [Required<ArgumentsB>, ArgumentsB['length'], ResultB]>
  : Both<A, B>;

/** The public members of a class that its fake lacks, or has with another type. */
type Differences<Real, Fake> = {
  [Name in keyof Real]: Name extends keyof Fake ? (Same<Real[Name], Fake[Name]> extends true ? never : Name) : Name;
}[keyof Real];

type Nothing<T extends never> = T;

export type Checks = [
  Nothing<Differences<EventFd, FakeEventFd>>,
  Nothing<Differences<TimerFd, FakeTimerFd>>,
  Nothing<Differences<PidFd, FakePidFd>>,
  Nothing<Differences<Inotify, FakeInotify>>,
  Nothing<Differences<PipeReader, FakePipeReader>>,
  Nothing<Differences<PipeWriter, FakePipeWriter>>,
  Nothing<Differences<UnixStream, FakeUnixStream>>,
  Nothing<Differences<TcpStream, FakeTcpStream>>,
  // A batch is memory for one system call, and so has no fake.
  Nothing<Exclude<Differences<UnixDatagram, FakeUnixDatagram>, 'receiveMany' | 'sendMany'>>,
  Nothing<Exclude<Differences<UdpSocket, FakeUdpSocket>, 'receiveMany' | 'sendMany' | 'setCoalescing'>>,
  // Their `accept` returns a fake.
  Nothing<Exclude<Differences<UnixListener, FakeUnixListener>, 'accept'>>,
  Nothing<Exclude<Differences<TcpListener, FakeTcpListener>, 'accept'>>,
  // What opens a fake takes the options of the static method.
  Nothing<Differences<Opening, OpeningFakes>>,
  // The check itself finds what differs.
  Nothing<Exclude<'a' | 'b' | 'c' | 'd', 'a' | Differences<Wanted, Wrong>>>,
];

interface Wanted {
  a(): 1;
  b(argument: 1): 1;
  readonly c: 1;
  d(): 1;
}

interface Wrong {
  a(): 1;
  b(argument: 1 | 2): 1;
  d(): 1 | 2;
}

interface Opening {
  unixListener(options: Parameters<typeof UnixListener.listen>[0]): void;
  connectUnix(options: Parameters<typeof UnixStream.connect>[0]): void;
  unixDatagram(options: Parameters<typeof UnixDatagram.bind>[0]): void;
  connectUnixDatagram(options: Parameters<typeof UnixDatagram.connect>[0]): void;
  tcpListener(options?: Parameters<typeof TcpListener.listen>[0]): void;
  connectTcp(options: Parameters<typeof TcpStream.connect>[0]): void;
  udp(options?: Parameters<typeof UdpSocket.bind>[0]): void;
  connectUdp(options: Parameters<typeof UdpSocket.connect>[0]): void;
}

type OpeningFakes = { [Name in keyof Opening]: (...args: Parameters<FakePoller[Name]>) => void };
