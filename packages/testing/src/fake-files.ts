import { checkInteger } from '@em/core/check';
import { FakeDevice } from './files/device.js';
import { FakeEventFd, type FakeEventFdOptions } from './files/eventfd.js';
import { FakeInotify } from './files/inotify.js';
import { type FakeChildProcess, FakePidFd } from './files/pidfd.js';
import { createPipe, type FakePipe, type FakePipeOptions } from './files/pipe.js';
import type { FakeConnectOptions } from './files/ports.js';
import { FakeRegularFile } from './files/regular-file.js';
import { type FakeListenOptions, FakeTcpListener } from './files/tcp-listener.js';
import type { FakeTcpStream } from './files/tcp-stream.js';
import { FakeTimerFd, type FakeTimerFdOptions } from './files/timerfd.js';
import { FakeTrigger } from './files/trigger.js';
import { type FakeUdpOptions, FakeUdpSocket } from './files/udp-socket.js';
import { FakeUnixDatagram } from './files/unix-datagram.js';
import { FakeUnixListener, type FakeUnixListenOptions } from './files/unix-listener.js';
import type { FakeUnixAddress } from './files/unix-names.js';
import { FakeUnixStream } from './files/unix-stream.js';
import type { FakeKernel } from './kernel.js';

/**
 * Opens files of the fake: the base of `FakePoller`.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` from every method for a wrong argument or an
 * unknown option.
 * @throws SystemError `EMFILE` from every method if {@link FakeFiles.limitOpenFiles} allows no more files.
 */
export abstract class FakeFiles {
  /** What the pollers that share files have in common. */
  protected readonly kernel: FakeKernel;

  constructor(kernel: FakeKernel) {
    this.kernel = kernel;
  }

  /**
   * Opens an eventfd.
   *
   * @param initial - The initial count, 0 to 2³² − 1.
   */
  eventfd(initial: number = 0, options: FakeEventFdOptions = {}): FakeEventFd {
    return FakeEventFd.create(this.kernel.fds, initial, options);
  }

  /** Opens a timer, which is not armed. */
  timerfd(options: FakeTimerFdOptions = {}): FakeTimerFd {
    return FakeTimerFd.create(this.kernel.fds, this.kernel.clock, options);
  }

  /**
   * Opens a pidfd. It starts a process if no process has the pid.
   *
   * @param process - A pid, 1 to 2³¹ − 1, or a `ChildProcess`, or an object like it.
   * @throws SystemError `ESRCH` if the `ChildProcess` says that it has ended.
   */
  pidfd(process: number | FakeChildProcess): FakePidFd {
    return FakePidFd.create(this.kernel.fds, this.kernel.processes, process);
  }

  /** Opens an inotify instance. */
  inotify(): FakeInotify {
    return FakeInotify.create(this.kernel.fds);
  }

  /** Opens a pipe. */
  pipe(options: FakePipeOptions = {}): FakePipe {
    return createPipe(this.kernel.fds, options);
  }

  /** Opens two unix stream sockets that are connected to each other, as `UnixStream.pair` does. */
  socketpair(): [FakeUnixStream, FakeUnixStream] {
    return FakeUnixStream.pair(this.kernel.fds);
  }

  /**
   * Opens a unix stream socket that listens, as `UnixListener.listen` does.
   *
   * @throws SystemError `EADDRINUSE` if the path exists, in use or not, or the abstract name is taken.
   */
  unixListener(options: FakeUnixListenOptions): FakeUnixListener {
    return FakeUnixListener.listen(this.kernel.fds, this.kernel.unixNames, options);
  }

  /**
   * Connects a unix stream socket, as `UnixStream.connect` does.
   *
   * @returns `undefined` if the listener has no room for another waiting connection: it would block.
   * @throws SystemError `ECONNREFUSED` if no socket listens there, `ENOENT` if there is no such file, `EPROTOTYPE` if it
   * is another type of socket.
   */
  connectUnix(options: FakeUnixAddress): FakeUnixStream | undefined {
    return FakeUnixListener.connect(this.kernel.fds, this.kernel.unixNames, options);
  }

  /**
   * Binds a unix datagram socket, as `UnixDatagram.bind` does.
   *
   * @throws SystemError `EADDRINUSE` if the path exists, in use or not, or the abstract name is taken.
   */
  unixDatagram(options: FakeUnixAddress): FakeUnixDatagram {
    return FakeUnixDatagram.bind(this.kernel.fds, this.kernel.unixNames, options);
  }

  /**
   * Connects a unix datagram socket, which has no name, as `UnixDatagram.connect` does.
   *
   * @throws SystemError `ECONNREFUSED` if no socket is bound there, `ENOENT` if there is no such file, `EPROTOTYPE` if it
   * is another type of socket.
   */
  connectUnixDatagram(options: FakeUnixAddress): FakeUnixDatagram {
    return FakeUnixDatagram.connect(this.kernel.fds, this.kernel.unixNames, options);
  }

  /** Opens two unix datagram sockets that are connected to each other, as `UnixDatagram.pair` does. */
  datagramPair(): [FakeUnixDatagram, FakeUnixDatagram] {
    return FakeUnixDatagram.pair(this.kernel.fds, this.kernel.unixNames);
  }

  /**
   * Opens a TCP socket that listens, as `TcpListener.listen` does.
   *
   * @throws SystemError `EADDRINUSE` if another listener has the address, and not both share it.
   */
  tcpListener(options: FakeListenOptions = { host: '127.0.0.1', port: 0 }): FakeTcpListener {
    return FakeTcpListener.listen(this.kernel.fds, this.kernel.tcpPorts, options);
  }

  /**
   * Connects a TCP socket, as `TcpStream.connect` does. It is connected at once, or has failed with `ECONNREFUSED`, which
   * it reports as a real one does. It goes on connecting while the listener has no room for another waiting connection.
   */
  connectTcp(options: FakeConnectOptions): FakeTcpStream {
    return FakeTcpListener.connect(this.kernel.fds, this.kernel.tcpPorts, options);
  }

  /**
   * Binds a UDP socket, as `UdpSocket.bind` does.
   *
   * @throws SystemError `EADDRINUSE` if another socket has the address, and not both share it.
   */
  udp(options: FakeUdpOptions = { host: '127.0.0.1', port: 0 }): FakeUdpSocket {
    return FakeUdpSocket.bind(this.kernel.fds, this.kernel.udpPorts, options);
  }

  /** Connects a UDP socket to one peer, as `UdpSocket.connect` does. */
  connectUdp(options: FakeConnectOptions): FakeUdpSocket {
    return FakeUdpSocket.connect(this.kernel.fds, this.kernel.udpPorts, options);
  }

  /** Opens a file whose events the test sets. */
  device(): FakeDevice {
    return FakeDevice.create(this.kernel.fds);
  }

  /** Opens a file whose poll consumes the event that it reports. */
  trigger(): FakeTrigger {
    return FakeTrigger.create(this.kernel.fds);
  }

  /** Opens a regular file, which cannot be watched. */
  file(): FakeRegularFile {
    return FakeRegularFile.create(this.kernel.fds);
  }

  /**
   * Removes the path of a unix socket, which stays when the socket is closed.
   *
   * @returns `false` if there is no such path.
   */
  unlink(path: string | Uint8Array): boolean {
    return this.kernel.unixNames.unlink(path);
  }

  /**
   * Sets how many files can be open, as `ulimit -n` does. Opening and accepting more throws `EMFILE`.
   *
   * @param max - The lowest number that no fd can have, 0 to 2³¹ − 1. 0, 1 and 2 count as open. By default there is no limit.
   */
  limitOpenFiles(max: number): void {
    this.kernel.fds.limit = checkInteger('max', max, 0, 0x7fff_ffff);
  }
}
