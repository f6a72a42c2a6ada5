export type { ErrorCode, SystemError, WouldBlockError } from './errors.js';
export type { FakeFiles } from './fake-files.js';
export { FakePoller, type FakePollerOptions } from './fake-poller.js';
export type { FaultyOp } from './faults.js';
export type { FakeDatagram, FakeDatagramSocket } from './files/datagram-socket.js';
export type { FakeDevice } from './files/device.js';
export type { FakeEventFd, FakeEventFdOptions } from './files/eventfd.js';
export type { FakeFd } from './files/fake-fd.js';
export type {
  FakeChangeOptions,
  FakeInotify,
  FakeInotifyChange,
  FakeInotifyEvent,
  FakeInotifyInterest,
} from './files/inotify.js';
export type { FakeCredentials, FakeMessageWithFds } from './files/passed-files.js';
export type { FakeChildProcess, FakeExit, FakeExitStatus, FakePidFd } from './files/pidfd.js';
export type { FakePipe, FakePipeOptions, FakePipeReader, FakePipeWriter } from './files/pipe.js';
export type { FakeBindOptions, FakeConnectOptions, FakeSocketAddress } from './files/ports.js';
export type { FakeRegularFile } from './files/regular-file.js';
export type { FakeSocket } from './files/socket.js';
export type { ShutdownHow } from './files/stream-file.js';
export type { FakeStreamSocket } from './files/stream-socket.js';
export type { FakeListenOptions, FakeTcpListener } from './files/tcp-listener.js';
export type { FakeTcpStream } from './files/tcp-stream.js';
export type {
  FakeTimerFd,
  FakeTimerFdOptions,
  FakeTimerRemaining,
  FakeTimerSetting,
} from './files/timerfd.js';
export type { FakeTrigger } from './files/trigger.js';
export type { FakeQueuedError, FakeUdpOptions, FakeUdpPeer, FakeUdpSocket } from './files/udp-socket.js';
export type { FakeUnixDatagram } from './files/unix-datagram.js';
export type { FakeUnixListener, FakeUnixListenOptions } from './files/unix-listener.js';
export type { FakeUnixAddress, FakeUnixName } from './files/unix-names.js';
export type { FakeUnixStream } from './files/unix-stream.js';
export type { FakeInterest } from './interest-view.js';
export type { FakeOp } from './op-log.js';
