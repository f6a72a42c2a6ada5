export { AnySocket, type AnySocketOptions } from './any-socket.js';
export type { AuditFinding } from './audit.js';
export type { SocketConstants } from './binding.js';
export { createEventManager } from './create-event-manager.js';
export type { KernelInterest } from './epoll-fdinfo.js';
export { EpollPoller } from './epoll-poller.js';
export { EventFd } from './event-fd.js';
export { type FdFlags, getFlags, setNonBlocking } from './fd-flags.js';
export { Inotify } from './inotify.js';
export type { InotifyChangeEvent, InotifyEvent, InotifyOverflow } from './inotify-event.js';
export type { InotifyChange, InotifyInterest } from './inotify-mask.js';
export { close, dup, read, write } from './io.js';
export { isSupported } from './is-supported.js';
export type { Datagram, Message, MessageWithFds } from './message.js';
export { OwnedFd } from './owned-fd.js';
export { type ExitStatus, PidFd } from './pid-fd.js';
export { Pipe, PipeReader, PipeWriter } from './pipe.js';
export { Socket } from './socket.js';
export type { SocketAddress } from './socket-address.js';
export { type SocketKind, socketKind } from './socket-kind.js';
export type { SystemError } from './system-error.js';
export { type ListenOptions, TcpListener } from './tcp-listener.js';
export { type ConnectOptions, TcpStream } from './tcp-stream.js';
export {
  type TimerAfter,
  type TimerAt,
  TimerFd,
  type TimerFdOptions,
  type TimerRemaining,
  type TimerSetting,
} from './timer-fd.js';
export { type UdpBindOptions, UdpSocket } from './udp-socket.js';
export { UnixDatagram } from './unix-datagram.js';
export { UnixListener } from './unix-listener.js';
export { UnixSeqpacket } from './unix-seqpacket.js';
export { UnixSeqpacketListener } from './unix-seqpacket-listener.js';
export type { UnixAddress, UnixListenOptions } from './unix-socket.js';
export { UnixStream } from './unix-stream.js';
export { Waker, type WakerHandle } from './waker.js';
