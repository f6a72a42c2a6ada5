import { invalidType } from '@em/core/check';
import { binding, type SocketConstants } from './binding.js';
import { checked } from './system-error.js';

type Level = Extract<keyof SocketConstants, 'SOL_SOCKET' | `IPPROTO_${string}`>;
type Option = Extract<keyof SocketConstants, `${'SO' | 'TCP' | 'IPV6'}_${string}`>;

export function getOption(fd: number, level: Level, option: Option): number {
  const { socketConstants, getsockopt } = binding();
  return checked(getsockopt(fd, socketConstants[level], socketConstants[option]), 'getsockopt', fd);
}

export function setOption(fd: number, level: Level, option: Option, value: number): void {
  const { socketConstants, setsockopt } = binding();
  checked(setsockopt(fd, socketConstants[level], socketConstants[option], value), 'setsockopt', fd);
}

/**
 * Checks that a value is a boolean, and returns it as the kernel wants it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function toFlag(name: string, value: unknown): 0 | 1 {
  if (typeof value !== 'boolean') {
    throw invalidType(name, 'a boolean', value);
  }
  return value ? 1 : 0;
}
