import { AnySocket, dup } from '@em/sys';

/** Calls methods of a socket on an fd, which stays the caller's. */
export function withSocket<T>(fd: number, call: (socket: AnySocket) => T): T {
  const socket = AnySocket.adopt(dup(fd));
  try {
    return call(socket);
  } finally {
    socket.close();
  }
}
