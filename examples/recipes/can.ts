// Receives the frames with one identifier from a CAN bus. This program also sends them, on a virtual bus.

import { readFileSync } from 'node:fs';
import { AnySocket, EventManager, EventSet, Socket } from '@em/sys';

const { AF_CAN, SOCK_RAW } = Socket.constants;
// From <linux/can.h> and <linux/can/raw.h>.
const CAN_RAW = 1;
const SOL_CAN_RAW = 101;
const CAN_RAW_FILTER = 1;
/** Standard identifiers have 11 bits. */
const CAN_SFF_MASK = 0x7ff;
/** struct can_frame: identifier and flags (4), length (1), padding (3), data (8). */
const FRAME = 16;
const DATA = 8;
const SPEED = 0x123;

using manager = new EventManager();
using receiver = open('vcan0');
using sender = open('vcan0');

// struct can_filter: identifier (4), mask (4). You may set several: a frame passes if it matches one of them.
const filter = Buffer.alloc(8);
filter.writeUInt32LE(SPEED, 0);
filter.writeUInt32LE(CAN_SFF_MASK, 4);
receiver.setOption(SOL_CAN_RAW, CAN_RAW_FILTER, filter);

/** Opens a socket on one bus. */
function open(name: string): AnySocket {
  const socket = AnySocket.open({ family: AF_CAN, type: SOCK_RAW, protocol: CAN_RAW });
  // struct sockaddr_can: family (2), padding (2), interface index (4; 0 is all), and addresses of other protocols.
  const sockaddr = Buffer.alloc(24);
  sockaddr.writeUInt16LE(AF_CAN, 0);
  sockaddr.writeUInt32LE(Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')), 4);
  socket.bind(sockaddr);
  return socket;
}

const frame = Buffer.alloc(FRAME);
manager.add(receiver, EventSet.IN, () => {
  while (receiver.receive(frame) !== undefined) {
    const identifier = frame.readUInt32LE(0) & CAN_SFF_MASK;
    console.log(identifier.toString(16), frame.subarray(DATA, DATA + frame.readUInt8(4)));
  }
  manager.stop();
});

function send(identifier: number, data: readonly number[]): void {
  const bytes = Buffer.alloc(FRAME);
  bytes.writeUInt32LE(identifier, 0);
  bytes.writeUInt8(data.length, 4);
  bytes.set(data, DATA);
  sender.send(bytes);
}
send(0x321, [1]);
send(SPEED, [0x12, 0x34]);
await manager.run();
