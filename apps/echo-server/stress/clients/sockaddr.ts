import { endianness } from 'node:os';

/** An IPv4 address and a port as `struct sockaddr_in`. */
export function toSockaddr(family: number, address: string, port: number): Buffer {
  const sockaddr = Buffer.alloc(16);
  if (endianness() === 'LE') {
    sockaddr.writeUInt16LE(family, 0);
  } else {
    sockaddr.writeUInt16BE(family, 0);
  }
  sockaddr.writeUInt16BE(port, 2);
  sockaddr.set(address.split('.').map(Number), 4);
  return sockaddr;
}
