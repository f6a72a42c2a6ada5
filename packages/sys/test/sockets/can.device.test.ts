import { expect, test } from 'vitest';
import { AnySocket, EventSet, Socket } from '../../src/index.js';
import { interfaceIndex } from '../support/interface-index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

const { AF_CAN, SOCK_RAW } = Socket.constants;
const [CAN_RAW, SOL_CAN_RAW, CAN_RAW_FILTER, CAN_RAW_RECV_OWN_MSGS] = [1, 101, 1, 4];

/** Opens a socket on the virtual bus; returns its struct sockaddr_can, too. */
function open(): { socket: AnySocket; sockaddr: Buffer } {
  const socket = AnySocket.open({ family: AF_CAN, type: SOCK_RAW, protocol: CAN_RAW });
  const sockaddr = Buffer.alloc(24);
  sockaddr.writeUInt16LE(AF_CAN, 0);
  sockaddr.writeUInt32LE(interfaceIndex('vcan0'), 4);
  socket.bind(sockaddr);
  return { socket, sockaddr };
}

test('a CAN socket receives the frames that pass its filter, with their bus', () => {
  const { socket, sockaddr } = open();
  const filters = Buffer.from(Uint32Array.of(0x123, 0x7ff, 0x321, 0x7ff).buffer);
  socket.setOption(SOL_CAN_RAW, CAN_RAW_FILTER, filters);
  const got = Buffer.alloc(32);
  expect(socket.getOptionBytes(SOL_CAN_RAW, CAN_RAW_FILTER, got)).toBe(16);
  expect(got.subarray(0, 16)).toEqual(filters);
  socket.setOption(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1);
  /** struct can_frame with one byte, 7. */
  const frame = (identifier: number) => Buffer.from(Uint32Array.of(identifier, 1, 7, 0).buffer);
  socket.send(frame(0x222));
  socket.sendTo(sockaddr, frame(0x321));
  const into = Buffer.alloc(16);
  const { length, from } = waitFor(socket, EventSet.IN, () => socket.receiveFrom(into));
  expect([length, into]).toEqual([16, frame(0x321)]);
  expect(Buffer.from(from).subarray(0, 8)).toEqual(sockaddr.subarray(0, 8));
  socket.close();
});
