import { checkBoolean, checkInteger } from '@em/core/check';
import { binding, type SocketConstants } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';

type Level = Extract<keyof SocketConstants, 'SOL_SOCKET' | `IPPROTO_${string}`>;
type Option = Extract<keyof SocketConstants, `${'SO' | 'TCP' | 'IP' | 'IPV6'}_${string}`>;

// The value that is read or written, an int of C.
const number = new Int32Array(1);
const numberBytes = new Uint8Array(number.buffer);

export function getOption(fd: number, level: Level, option: Option): number {
  const { socketConstants } = binding();
  return getNumber(fd, socketConstants[level], socketConstants[option]);
}

export function setOption(fd: number, level: Level, option: Option, value: number): void {
  const { socketConstants } = binding();
  setNumber(fd, socketConstants[level], socketConstants[option], value);
}

export function setFlag(fd: number, level: Level, option: Option, flag: boolean): void {
  setOption(fd, level, option, Number(flag));
}

/** `MAX_TCP_KEEPIDLE` of net/tcp.h. */
const MAX_KEEP_IDLE_SECONDS = 32_767;

export function setKeepAlive(fd: number, keepAlive: boolean, idleSeconds: number | undefined): void {
  checkBoolean('keepAlive', keepAlive);
  if (idleSeconds !== undefined) {
    checkInteger('idleSeconds', idleSeconds, 1, MAX_KEEP_IDLE_SECONDS);
    setOption(fd, 'IPPROTO_TCP', 'TCP_KEEPIDLE', idleSeconds);
  }
  setFlag(fd, 'SOL_SOCKET', 'SO_KEEPALIVE', keepAlive);
}

/** Reads an option that is an array of unsigned ints of C. */
export function getWords(fd: number, level: Level, option: Option, count: number): Uint32Array {
  const { socketConstants } = binding();
  const words = new Uint32Array(count);
  getBytes(fd, socketConstants[level], socketConstants[option], new Uint8Array(words.buffer));
  return words;
}

export function getNumber(fd: number, level: number, option: number): number {
  // Some options are shorter, and some have no bytes.
  number[0] = 0;
  getBytes(fd, level, option, numberBytes);
  return number[0];
}

export function setNumber(fd: number, level: number, option: number, value: number): void {
  number[0] = value;
  setBytes(fd, level, option, numberBytes);
}

export function getBytes(fd: number, level: number, option: number, into: Uint8Array): number {
  return checked(binding().getsockopt(fd, level, option, into), 'getsockopt', fd);
}

export function setBytes(fd: number, level: number, option: number, value: Uint8Array): void {
  checked(binding().setsockopt(fd, level, option, value), 'setsockopt', fd);
}
