export type { ErrorCode, SystemError, WouldBlockError } from './errors.js';
export { FakePoller, type FakePollerOptions } from './fake-poller.js';
export type { FaultyOp } from './faults.js';
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
export type { FakeChildProcess, FakeExit, FakeExitStatus, FakePidFd } from './files/pidfd.js';
export type { FakePipe, FakePipeOptions, FakePipeReader, FakePipeWriter } from './files/pipe.js';
export type { FakeRegularFile } from './files/regular-file.js';
export type { FakeSocket, ShutdownHow } from './files/socketpair.js';
export type {
  FakeTimerFd,
  FakeTimerFdOptions,
  FakeTimerRemaining,
  FakeTimerSetting,
} from './files/timerfd.js';
export type { FakeTrigger } from './files/trigger.js';
export type { FakeOp } from './op-log.js';
