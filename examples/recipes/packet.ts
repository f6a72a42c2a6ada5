// Watches the packets to a UDP port of this machine, with their headers. Another socket receives them.

import { readFileSync } from 'node:fs';
import { AnySocket, EventManager, EventSet, Socket, UdpSocket } from '@em/sys';

const { AF_PACKET, SOCK_DGRAM } = Socket.constants;
// From <linux/if_ether.h>, <linux/if_packet.h>, <linux/in.h> and <bits/socket.h>.
const ETH_P_IP = 0x0800;
const PACKET_IGNORE_OUTGOING = 23;
const IPPROTO_UDP = 17;
const SOL_PACKET = 263;

using manager = new EventManager();
using receiver = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
const { port } = receiver.localAddress;

// SOCK_DGRAM: packets without the link header. The socket receives nothing before it is bound to a protocol.
using socket = AnySocket.open({ family: AF_PACKET, type: SOCK_DGRAM });
// On the loopback interface, each packet goes out and comes in. Receive it only once.
socket.setOption(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);

/** struct sock_filter: code (2), jump if true (1), if false (1), operand (4). */
function instruction(code: number, ifTrue: number, ifFalse: number, operand: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.set([ifTrue, ifFalse], 2);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
const program = [
  instruction(0x30, 0, 0, 9), // load the byte at 9: the protocol
  instruction(0x15, 0, 4, IPPROTO_UDP), // if it is not UDP, skip 4 instructions
  instruction(0xb1, 0, 0, 0), // load the size of the IP header into the index
  instruction(0x48, 0, 0, 2), // load the 2 bytes at index + 2: the port
  instruction(0x15, 0, 1, port), // if it is another port, skip 1 instruction
  instruction(0x06, 0, 0, 0xffff), // accept up to 65,535 bytes of it
  instruction(0x06, 0, 0, 0), // drop it
];
socket.attachFilter(Buffer.concat(program));

// struct sockaddr_ll: family (2), protocol in network byte order (2), interface index (4), and fields that bind ignores.
const sockaddr = Buffer.alloc(20);
sockaddr.writeUInt16LE(AF_PACKET, 0);
sockaddr.writeUInt16BE(ETH_P_IP, 2);
sockaddr.writeUInt32LE(Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8')), 4);
socket.bind(sockaddr);

const buffer = Buffer.alloc(65_536);
manager.add(socket, EventSet.IN, () => {
  const packet = buffer.subarray(0, socket.receive(buffer) ?? 0);
  const headers = ((packet[0] ?? 0) & 0xf) * 4 + 8;
  console.log(`from ${packet.subarray(12, 16).join('.')}: ${packet.toString('utf8', headers)}`);
  manager.stop();
});

using sender = UdpSocket.connect({ host: '127.0.0.1', port });
sender.send(Buffer.from('hello'));
await manager.run();
