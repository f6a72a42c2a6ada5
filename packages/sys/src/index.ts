export { createEventManager } from './create-event-manager.js';
export { EpollPoller } from './epoll-poller.js';
export { EventFd } from './event-fd.js';
export { close, dup, read, write } from './io.js';
export { OwnedFd } from './owned-fd.js';
export type { SocketAddress } from './socket-address.js';
export type { SystemError } from './system-error.js';
export { type ListenOptions, TcpListener } from './tcp-listener.js';
export { type ConnectOptions, TcpStream } from './tcp-stream.js';
