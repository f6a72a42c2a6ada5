export {
  type AbortSignalLike,
  type AddOptions,
  type ClosableFdObject,
  type DispatchStats,
  type ErrorHandler,
  type EventCallback,
  type EventIterator,
  EventManagerError,
  type EventManagerErrorCode,
  type EventName,
  EventSet,
  type FdLike,
  type FdObject,
  type Group,
  type OnceOptions,
  type OnOptions,
  type Registration,
  type RunOptions,
  type Timer,
  type TimerCallback,
  type TimerOptions,
  type WaitReport,
} from '@em/core';
export type { SocketConstants } from './addon/binding.js';
export type { SystemError } from './addon/system-error.js';
export type { AuditFinding } from './audit/audit.js';
export type { KernelInterest } from './audit/epoll-fdinfo.js';
export { EventManager, type EventManagerOptions, type KernelPoller } from './event-manager.js';
export { EventFd, type EventFdOptions } from './fds/event-fd.js';
export { type FdFlags, getFlags, setNonBlocking } from './fds/fd-flags.js';
export { close, dup, open, read, write } from './fds/io.js';
export { OwnedFd } from './fds/owned-fd.js';
export { type ChildProcessLike, type ExitStatus, PidFd, type ReapedChild } from './fds/pid-fd.js';
export { Pipe, PipeReader, PipeWriter } from './fds/pipe.js';
export {
  type TimerAfter,
  type TimerAt,
  TimerFd,
  type TimerFdOptions,
  type TimerRemaining,
  type TimerSetting,
} from './fds/timer-fd.js';
export { Inotify } from './inotify/inotify.js';
export type { InotifyChangeEvent, InotifyEvent, InotifyOverflow } from './inotify/inotify-event.js';
export type { InotifyChange, InotifyInterest } from './inotify/inotify-mask.js';
export { Ioctl, ioctl } from './ioctl/ioctl.js';
export { isSupported } from './is-supported.js';
export type { DiagnosticsMessages } from './poller/diagnostics.js';
export { EpollPoller, type EpollPollerOptions } from './poller/epoll-poller.js';
export { Waker, type WakerHandle } from './poller/waker.js';
export { AnySocket, type AnySocketOptions } from './sockets/any-socket.js';
export type { DatagramBatch, DatagramBatchOptions } from './sockets/batch/datagram-batch.js';
export { UdpBatch } from './sockets/batch/udp-batch.js';
export { UnixDatagramBatch } from './sockets/batch/unix-datagram-batch.js';
export type { QueuedError } from './sockets/error-queue.js';
export type { SocketAddress, UdpPeer } from './sockets/ip-address.js';
export type { Credentials, Datagram, Message, MessageWithFds } from './sockets/message.js';
export { Socket } from './sockets/socket.js';
export { type SocketKind, socketKind } from './sockets/socket-kind.js';
export { type ListenOptions, TcpListener } from './sockets/tcp-listener.js';
export { type ConnectOptions, TcpStream } from './sockets/tcp-stream.js';
export { type UdpBindOptions, UdpSocket } from './sockets/udp-socket.js';
export type { UnixAddress, UnixName } from './sockets/unix/unix-address.js';
export { UnixDatagram } from './sockets/unix/unix-datagram.js';
export { UnixListener, type UnixListenOptions, UnixSeqpacketListener } from './sockets/unix/unix-listener.js';
export { UnixSeqpacket } from './sockets/unix/unix-seqpacket.js';
export { UnixStream } from './sockets/unix/unix-stream.js';
export { ThreadChannel } from './threads/thread-channel.js';
export { type ThreadMessage, ThreadPort } from './threads/thread-port.js';
