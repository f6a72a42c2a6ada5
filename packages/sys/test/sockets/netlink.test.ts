import { expect, test } from 'vitest';
import { type AnySocket, EventManager, EventSet } from '../../src/index.js';
import { lackOfCapability, testIf } from '../support/named-skip.js';
import {
  addressMessage,
  linkMessage,
  NLM_F_DUMP,
  NLMSG_DONE,
  NLMSG_ERROR,
  netlinkAddress,
  openNetlink,
  parseNetlink,
  RTM_DELADDR,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTMGRP_IPV4_IFADDR,
} from '../support/netlink.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

/** Waits for the next datagram and returns its messages. */
function next(socket: AnySocket) {
  const into = Buffer.alloc(32_768);
  return parseNetlink(
    into.subarray(
      0,
      waitFor(socket, EventSet.IN, () => socket.receive(into)),
    ),
  );
}

test('the kernel answers a request, at the port that it chose for the socket', () => {
  using socket = openNetlink();
  socket.bind(netlinkAddress(0));
  const into = Buffer.alloc(32_768);
  expect(socket.receive(into)).toBeUndefined();
  expect(socket.receiveFrom(into)).toBeUndefined();
  expect(socket.sendTo(netlinkAddress(0), linkMessage(RTM_GETLINK, 0, 7))).toBe(32);
  const { length, truncated, from } = waitFor(socket, EventSet.IN, () => socket.receiveFrom(into));
  expect(parseNetlink(into.subarray(0, length))).toMatchObject([{ type: RTM_NEWLINK, sequence: 7 }]);
  expect(truncated).toBe(false);
  expect(Buffer.from(from)).toEqual(netlinkAddress(0));
  const { localAddress } = socket;
  expect(localAddress).toHaveLength(12);
  expect(Buffer.from(localAddress).readUInt32LE(4)).toBeGreaterThan(0);
  expect(raises(() => socket.accept())).toMatchObject({ code: 'EOPNOTSUPP', syscall: 'accept', fd: socket.fd });
});

test('a dump arrives in parts, and ends', () => {
  using socket = openNetlink();
  socket.send(linkMessage(RTM_GETLINK, NLM_F_DUMP, 1));
  const types: number[] = [];
  while (types.at(-1) !== NLMSG_DONE) {
    types.push(...next(socket).map(({ type }) => type));
  }
  expect(types.filter((type) => type === RTM_NEWLINK).length).toBeGreaterThan(0);
  expect(types).not.toContain(NLMSG_ERROR);
});

test('receiveFrom() reports that it cut a netlink message', () => {
  using socket = openNetlink();
  socket.send(linkMessage(RTM_GETLINK, 0, 1));
  const into = Buffer.alloc(20, '.');
  const message = waitFor(socket, EventSet.IN, () => socket.receiveFrom(into, 1, 16));
  expect(message).toMatchObject({ length: 16, truncated: true });
  expect([into[0], into.readUInt16LE(5), into.toString('utf8', 17)]).toEqual([46, RTM_NEWLINK, '...']);
});

test('lost messages make the socket report ERROR and throw ENOBUFS, once', () => {
  using socket = openNetlink();
  socket.setReceiveBufferBytes(0);
  using manager = new EventManager();
  let seen = 0;
  manager.add(socket, EventSet.IN, (events) => {
    seen = events;
    const error = raises(() => {
      while (socket.receive(new Uint8Array(8)) !== undefined) {
        // Skip the messages that arrived before.
      }
    });
    expect(error).toMatchObject({ code: 'ENOBUFS', syscall: 'recv', fd: socket.fd });
  });
  for (let i = 0; i < 20; i++) {
    socket.send(linkMessage(RTM_GETLINK, 0, i));
  }
  expect(manager.wait()).toBe(1);
  expect(EventSet.format(seen)).toBe('IN|ERROR');
  expect(() => socket.receive(new Uint8Array(8))).not.toThrow();
});

test('an option joins a group, and an option that is bytes lists the groups', () => {
  const [SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_LIST_MEMBERSHIPS] = [270, 1, 9];
  const RTNLGRP_IPV4_IFADDR = 5;
  using socket = openNetlink();
  socket.setOption(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_IPV4_IFADDR);
  const groups = Buffer.alloc(64);
  const size = socket.getOptionBytes(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, groups);
  expect([size > 0, groups.readUInt32LE(0)]).toEqual([true, RTMGRP_IPV4_IFADDR]);
});

testIf(lackOfCapability('CAP_NET_ADMIN'), 'a member of a group receives its changes', () => {
  using listener = openNetlink();
  listener.bind(netlinkAddress(RTMGRP_IPV4_IFADDR));
  using changer = openNetlink();
  // An address that no other process is likely to use, from 127.0.0.0/8, which all belongs to the loopback interface.
  const address = [127, process.pid & 0xff, (process.pid >> 8) & 0xff, 253] as const;
  const nextType = () => {
    for (;;) {
      const message = next(listener).find(({ body }) => body.includes(Buffer.from(address)));
      if (message !== undefined) {
        return message.type;
      }
    }
  };
  changer.send(addressMessage(RTM_NEWADDR, address));
  expect(nextType()).toBe(RTM_NEWADDR);
  changer.send(addressMessage(RTM_DELADDR, address));
  expect(nextType()).toBe(RTM_DELADDR);
});
