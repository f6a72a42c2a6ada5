import { binding } from '../addon/binding.js';
import { fromIpSockaddr } from './ip-address.js';
import { familyOf } from './sockaddr.js';
import { fromUnixSockaddr } from './unix/unix-address.js';

/**
 * Returns an address for the end of a message: ` 127.0.0.1:80`, ` [::1]:80`, ` '/run/socket'`, or an abstract name, ` '@name'`.
 * Nothing for other families, and for an address that is too short.
 */
export function formatSockaddr(sockaddr: Uint8Array): string {
  const { AF_INET, AF_INET6, AF_UNIX } = binding().socketConstants;
  const family = familyOf(sockaddr);
  if (family === AF_UNIX) {
    const name = fromUnixSockaddr(sockaddr);
    return name === undefined ? '' : ` '${name.toString().replaceAll('\0', '@')}'`;
  }
  if (family !== AF_INET && family !== AF_INET6) {
    return '';
  }
  try {
    const { address, port } = fromIpSockaddr(sockaddr);
    return family === AF_INET ? ` ${address}:${port}` : ` [${address}]:${port}`;
  } catch {
    return '';
  }
}
