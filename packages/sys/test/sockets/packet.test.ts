import { expect } from 'vitest';
import { AnySocket, EventSet, Socket, UdpSocket } from '../../src/index.js';
import { interfaceIndex } from '../support/interface-index.js';
import { lackOfCapability, testIf } from '../support/named-skip.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

const { AF_PACKET, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } = Socket.constants;
/** From <asm-generic/socket.h>. */
const SO_DETACH_FILTER = 27;
const [ETH_P_IP, SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_IGNORE_OUTGOING, PACKET_STATISTICS] = [0x800, 263, 1, 23, 6];
const PACKET_MR_PROMISC = 1;

/** The struct sockaddr_ll of the loopback interface. */
function loopback(protocol: number): Buffer {
  const sockaddr = Buffer.alloc(20);
  sockaddr.writeUInt16LE(AF_PACKET, 0);
  sockaddr.writeUInt16BE(protocol, 2);
  sockaddr.writeUInt32LE(interfaceIndex('lo'), 4);
  return sockaddr;
}

/** A classic BPF program that accepts the packets with this number in the two bytes at an offset. */
function only(at: number, value: number): Buffer {
  const program = Buffer.alloc(32);
  const instructions = [
    [0x28, 0, 0, at],
    [0x15, 0, 1, value],
    [0x06, 0, 0, 0xffff],
    [0x06, 0, 0, 0],
  ] as const;
  for (const [i, [code, ifTrue, ifFalse, operand]] of instructions.entries()) {
    program.writeUInt16LE(code, i * 8);
    program.set([ifTrue, ifFalse], i * 8 + 2);
    program.writeUInt32LE(operand, i * 8 + 4);
  }
  return program;
}

testIf(
  lackOfCapability('CAP_NET_RAW'),
  'a packet socket receives what passes its filter, and everything once the filter is removed',
  () => {
    using receiver = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
    const { port } = receiver.localAddress;
    using sender = UdpSocket.connect({ host: '127.0.0.1', port });
    using socket = AnySocket.open({ family: AF_PACKET, type: SOCK_DGRAM });
    socket.setOption(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    // After 20 bytes of IP header come the ports: source, destination.
    socket.attachFilter(only(22, port));
    socket.bind(loopback(ETH_P_IP));
    const into = Buffer.alloc(64);
    sender.send(Buffer.from('one'));
    const { length, from } = waitFor(socket, EventSet.IN, () => socket.receiveFrom(into));
    expect(into.toString('utf8', 28, length)).toBe('one');
    expect(Buffer.from(from).subarray(0, 8)).toEqual(loopback(ETH_P_IP).subarray(0, 8));
    // The filter must drop 'three', which goes to another port and comes before 'four'.
    sender.send(Buffer.from('two'));
    const { port: other } = sender.localAddress;
    socket.attachFilter(only(22, other));
    sender.send(Buffer.from('three'));
    receiver.sendTo(sender.localAddress, Buffer.from('four'));
    const texts: string[] = [];
    while (texts.at(-1) !== 'four') {
      texts.push(
        into.toString(
          'utf8',
          28,
          waitFor(socket, EventSet.IN, () => socket.receive(into)),
        ),
      );
    }
    expect(texts).toEqual(['two', 'four']);
    socket.setOption(SOL_SOCKET, SO_DETACH_FILTER, 0);
    sender.send(Buffer.from('five'));
    while (
      into.toString(
        'utf8',
        28,
        waitFor(socket, EventSet.IN, () => socket.receive(into)),
      ) !== 'five'
    ) {
      // Skip the packets of other processes.
    }
  },
);

testIf(lackOfCapability('CAP_NET_RAW'), 'an option that is a struct is set and read as bytes', () => {
  using socket = AnySocket.open({ family: AF_PACKET, type: SOCK_RAW });
  const membership = Buffer.alloc(16); // struct packet_mreq
  membership.writeUInt32LE(interfaceIndex('lo'), 0);
  membership.writeUInt16LE(PACKET_MR_PROMISC, 4);
  socket.setOption(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership);
  const short = () => socket.setOption(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership.subarray(0, 8));
  expect(raises(short)).toMatchObject({ code: 'EINVAL', syscall: 'setsockopt', fd: socket.fd });
  const statistics = Buffer.alloc(16, 0xff); // struct tpacket_stats: packets (4), drops (4)
  expect(socket.getOptionBytes(SOL_PACKET, PACKET_STATISTICS, statistics)).toBe(8);
  expect([statistics.readUInt32LE(0), statistics.readUInt32LE(8)]).toEqual([0, 0xffff_ffff]);
});

testIf(lackOfCapability('CAP_NET_RAW'), 'binding to an interface that does not exist throws ENODEV', () => {
  using socket = AnySocket.open({ family: AF_PACKET, type: SOCK_RAW });
  const sockaddr = loopback(ETH_P_IP);
  sockaddr.writeUInt32LE(0x7fff_ffff, 4);
  expect(raises(() => socket.bind(sockaddr))).toMatchObject({ code: 'ENODEV', syscall: 'bind', fd: socket.fd });
});
