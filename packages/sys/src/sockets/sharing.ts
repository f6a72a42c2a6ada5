import { binding } from '../addon/binding.js';
import { familyOf } from './socket-address.js';
import { setOption, toFlag } from './socket-option.js';

/** With whom a socket shares its address; decided before it is bound. */
export interface Sharing {
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
}

/** Sets all of it, so that nothing depends on how the system is set up. IPv6 alone is of no concern to IPv4. */
export function setSharing(fd: number, sockaddr: Uint8Array, { reuseAddress, reusePort, ipv6Only }: Sharing): void {
  setOption(fd, 'SOL_SOCKET', 'SO_REUSEADDR', toFlag('reuseAddress', reuseAddress));
  setOption(fd, 'SOL_SOCKET', 'SO_REUSEPORT', toFlag('reusePort', reusePort));
  const onlyIpv6 = toFlag('ipv6Only', ipv6Only);
  if (familyOf(sockaddr) === binding().socketConstants.AF_INET6) {
    setOption(fd, 'IPPROTO_IPV6', 'IPV6_V6ONLY', onlyIpv6);
  }
}
