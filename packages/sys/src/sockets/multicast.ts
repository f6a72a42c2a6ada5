import { constants, endianness } from 'node:os';
import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { systemError } from '../addon/system-error.js';
import { toAddressBytes } from './socket-address.js';
import { getOption, setBytes } from './socket-option.js';

const { EAFNOSUPPORT } = constants.errno;
const LITTLE_ENDIAN = endianness() === 'LE';
/** What stands between the group and the number of the interface in `struct ip_mreqn`: an address for those without one. */
const LOCAL_ADDRESS_SIZE = 4;

/** Joins or leaves a multicast group, on an interface or, where that is 0, on that of the route. */
export function setMembership(fd: number, change: 'ADD' | 'DROP', group: unknown, interfaceIndex: unknown): void {
  const native = binding();
  const address = toAddressBytes(native, group, 'group');
  const index = checkInteger('interfaceIndex', interfaceIndex, 0, 0x7fff_ffff);
  const isIpv4 = address.length === 4;
  // struct ip_mreqn: group (4), address (4), interface (4). struct ipv6_mreq: group (16), interface (4).
  const indexAt = address.length + (isIpv4 ? LOCAL_ADDRESS_SIZE : 0);
  const membership = new Uint8Array(indexAt + 4);
  membership.set(address);
  new DataView(membership.buffer).setInt32(indexAt, index, LITTLE_ENDIAN);
  // The kernel lets it join, and it would never receive anything.
  if (isIpv4 && change === 'ADD' && isIpv6Only(fd)) {
    throw systemError(-EAFNOSUPPORT, 'setsockopt', fd);
  }
  const protocol = isIpv4 ? 'IP' : 'IPV6';
  const { socketConstants } = native;
  setBytes(fd, socketConstants[`IPPROTO_${protocol}`], socketConstants[`${protocol}_${change}_MEMBERSHIP`], membership);
}

function isIpv6Only(fd: number): boolean {
  const { AF_INET6 } = binding().socketConstants;
  return getOption(fd, 'SOL_SOCKET', 'SO_DOMAIN') === AF_INET6 && getOption(fd, 'IPPROTO_IPV6', 'IPV6_V6ONLY') !== 0;
}
