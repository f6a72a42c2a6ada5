import { isUint8Array } from 'node:util/types';
import { checkFd, checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { byteLengthOf } from '../arguments/check.js';
import { type StructWithAddresses, structWithAddresses } from './addresses.js';
import { argumentSize, largestInteger, MAX_SIZE, SIZE_SHIFT } from './argument-sizes.js';
import { checkNoAddress } from './requests-with-addresses.js';

/** Bits of a request number: asm-generic/ioctl.h. */
const TYPE_SHIFT = 8;
const DIRECTION_SHIFT = 30;
const WRITE = 1;
const READ = 2;

const MAX_BYTE = 0xff;
const MAX_REQUEST = 0xffff_ffff;
const MIN_INTEGER = -0x8000_0000;

/**
 * Makes request numbers for {@link ioctl}, as the macros of `<linux/ioctl.h>` do.
 *
 * The type is a letter or a number from 0 to 255, `number` is from 0 to 255, and `size` is the size of the argument in
 * bytes, from 0 to 16,383. Each method throws TypeError `ERR_INVALID_ARG_TYPE` or RangeError `ERR_OUT_OF_RANGE` for a
 * wrong argument.
 *
 * @example The number of a pty
 * ```ts
 * const TIOCGPTN = Ioctl.read('T', 0x30, 4); // _IOR('T', 0x30, unsigned int)
 * ```
 */
export const Ioctl = {
  /** Without an argument, or with an integer: `_IO`. */
  none(type: string | number, number: number): number {
    return requestOf(0, type, number, 0);
  },
  /** The kernel fills the argument: `_IOR`. */
  read(type: string | number, number: number, size: number): number {
    return requestOf(READ, type, number, size);
  },
  /** The kernel reads the argument: `_IOW`. */
  write(type: string | number, number: number, size: number): number {
    return requestOf(WRITE, type, number, size);
  },
  /** Both: `_IOWR`. */
  readWrite(type: string | number, number: number, size: number): number {
    return requestOf(READ | WRITE, type, number, size);
  },
} as const;

/**
 * Makes a request to the driver of any fd, in this thread. Some requests block the thread: for example, `TCSBRK` waits
 * until a terminal has sent everything.
 *
 * The driver never touches memory of this process beyond `argument`. It gets a copy with zeros behind it, and what it
 * writes is copied back, up to the end of `argument`. Requests whose argument holds memory addresses are refused, for
 * example `SIOCGIFCONF`, `SG_IO`: the driver would access the memory there. Not all requests of all drivers are known
 * here, so make sure that the argument of yours holds no address, and do not take requests from a client.
 *
 * Four such requests are possible: `I2C_RDWR`, `I2C_SMBUS`, `SPI_IOC_MESSAGE` and `SIOCETHTOOL`. Put what an address
 * points to behind the struct, in the same `argument`, and its offset in `argument` in place of the address. 0 is no
 * address.
 *
 * If the request returns a new fd, for example `TIOCGPTPEER`, it is yours: pass it to `adopt` of a class, or
 * {@link close} it. Until then, it stays open if the worker that got it is terminated. To make an fd non-blocking, use
 * {@link setNonBlocking}, not `FIONBIO`.
 *
 * @param fd - Also the fd of an fd object, for example of a socket.
 * @param request - From {@link Ioctl}, or one of the old numbers, for example 0x5413 (TIOCGWINSZ).
 * @param argument - The bytes of the argument, in and out; or an integer from −2³¹ to 65,535, which cannot be a memory
 * address. A few requests that are known to take an integer accept one up to 2³² − 1. Defaults to 0.
 * @returns The result: usually 0.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument, in particular one that
 * is shorter than the request says, and for a request whose argument holds memory addresses.
 * @throws SystemError `ENOTTY` if the file does not know the request, `EINVAL`, `EBADF`, `EPERM`, `EFAULT` if the
 * request needs bytes and got an integer, `ENODEV`, `EIO` if the device is gone, and others of the driver.
 * @see {@link https://man7.org/linux/man-pages/man2/ioctl.2.html | ioctl(2)}
 *
 * @example Read a register by SMBus: struct i2c_smbus_ioctl_data of 16 bytes, then 34 bytes for the result
 * ```ts
 * const I2C_SMBUS = 0x0720;
 * const argument = new DataView(new ArrayBuffer(16 + 34));
 * argument.setUint8(0, 1); // I2C_SMBUS_READ
 * argument.setUint8(1, 0x0f); // the register
 * argument.setUint32(4, 2, true); // I2C_SMBUS_BYTE_DATA
 * argument.setBigUint64(8, 16n, true); // the result is at byte 16
 * ioctl(fd, I2C_SMBUS, new Uint8Array(argument.buffer));
 * const value = argument.getUint8(16);
 * ```
 *
 * @example The size of a terminal
 * ```ts
 * const TIOCGWINSZ = 0x5413;
 * const size = new Uint16Array(4);
 * ioctl(1, TIOCGWINSZ, new Uint8Array(size.buffer));
 * const [rows, columns] = size;
 * ```
 */
export function ioctl(fd: number, request: number, argument: number | Uint8Array = 0): number {
  checkFd(fd);
  checkInteger('request', request, 0, MAX_REQUEST);
  const struct = structWithAddresses(request);
  if (struct !== undefined) {
    return ioctlWithAddresses(fd, request, argument, struct);
  }
  checkNoAddress(request);
  if (typeof argument === 'number') {
    checkInteger('argument', argument, MIN_INTEGER, largestInteger(request));
    return checked(binding().ioctlInteger(fd, request, argument), 'ioctl', fd);
  }
  checkArgument(argument, Math.max(1, argumentSize(request)));
  return checked(binding().ioctlBytes(fd, request, argument), 'ioctl', fd);
}

function ioctlWithAddresses(fd: number, request: number, argument: unknown, struct: StructWithAddresses): number {
  const bytes = checkArgument(argument, struct.bytes);
  // Another thread may change the argument if it is shared. It must not change what was checked.
  const copy = new Uint8Array(bytes);
  const addresses = Uint32Array.from(struct.addressesIn(copy));
  const result = binding().ioctlAddresses(fd, request, copy, addresses);
  Uint8Array.prototype.set.call(bytes, copy);
  return checked(result, 'ioctl', fd);
}

function checkArgument(argument: unknown, minBytes: number): Uint8Array {
  if (!isUint8Array(argument)) {
    throw invalidType('argument', 'an integer or a Uint8Array, for example a Buffer', argument);
  }
  const size = byteLengthOf(argument);
  if (size < minBytes) {
    throw outOfRange('argument', `at least ${minBytes} bytes long for this request`, size);
  }
  return argument;
}

function requestOf(direction: number, type: string | number, number: number, size: number): number {
  const letter = typeof type === 'string' ? checkLetter(type) : checkInteger('type', type, 0, MAX_BYTE);
  checkInteger('number', number, 0, MAX_BYTE);
  checkInteger('size', size, 0, MAX_SIZE);
  return ((direction << DIRECTION_SHIFT) | (size << SIZE_SHIFT) | (letter << TYPE_SHIFT) | number) >>> 0;
}

function checkLetter(type: string): number {
  const code = type.charCodeAt(0);
  if (type.length !== 1 || code > MAX_BYTE) {
    throw outOfRange('type', 'one character, or a number from 0 to 255', type);
  }
  return code;
}
