import { invalidType, outOfRange } from '@em/core/check';
import { ioctl } from '@em/sys';
import { IFREQ } from './ifreq.js';

/** linux/sockios.h. */
const SIOCGIFNAME = 0x8910;
const SIOCGIFINDEX = 0x8933;
/** `ifr_ifindex` in the union of struct ifreq. */
const INDEX_AT = 16;

/** What the kernel accepts: dev_valid_name() of net/core/dev.c. */
const NAME = /^(?!\.{1,2}$)[^\s/:\0]+$/;
const MAX_NAME_BYTES = 15;

/**
 * Returns the path in sysfs of a network interface.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be the name of one.
 */
export function interfacePath(argument: string, name: string): string {
  return `/sys/class/net/${checkInterfaceName(argument, name)}`;
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be a name. */
export function checkInterfaceName(argument: string, name: unknown): string {
  if (typeof name !== 'string') {
    throw invalidType(argument, 'a string', name);
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES || !NAME.test(name)) {
    throw outOfRange(argument, `1 to ${MAX_NAME_BYTES} bytes without blanks, "/" and ":"`, name);
  }
  return name;
}

/** @throws SystemError `ENODEV` if there is no such interface. */
export function interfaceIndex(socket: number, name: string): number {
  const request = IFREQ.encode({ ifr_name: name });
  ioctl(socket, SIOCGIFINDEX, request);
  return new DataView(request.buffer).getInt32(INDEX_AT, true);
}

/** @throws SystemError `ENODEV` if there is no such interface. */
export function interfaceName(socket: number, index: number): string {
  const request = IFREQ.encode();
  new DataView(request.buffer).setInt32(INDEX_AT, index, true);
  ioctl(socket, SIOCGIFNAME, request);
  return IFREQ.decode(request).ifr_name;
}
