import { binding, type SocketConstants } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';

type SocketType = Extract<keyof SocketConstants, `SOCK_${string}`>;

/** Opens a socket and sets it up; one whose set-up throws is closed again. */
export function openSocket(family: number, type: SocketType, setUp: (fd: number) => void): number {
  const native = binding();
  const fd = checked(native.socket(family, native.socketConstants[type], 0), 'socket');
  try {
    setUp(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}
