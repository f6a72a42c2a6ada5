import { AnySocket, Socket } from '../../src/index.js';

/** A message of rtnetlink: struct nlmsghdr and a body. */
export interface NetlinkMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Buffer;
}

// From <linux/netlink.h> and <linux/rtnetlink.h>.
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTMGRP_IPV4_IFADDR = 0x10;

const NLM_F_REQUEST = 0x1;
const NLM_F_CREATE = 0x400;
const NETLINK_ROUTE = 0;
const HEADER = 16;
const LOOPBACK = 1;

export function openNetlink(): AnySocket {
  const { AF_NETLINK, SOCK_RAW } = Socket.constants;
  return AnySocket.open({ family: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_ROUTE });
}

/** Makes a struct sockaddr_nl. Port 0 is the kernel; a bind to port 0 assigns a port. */
export function netlinkAddress(groups: number): Buffer {
  const sockaddr = Buffer.alloc(12);
  sockaddr.writeUInt16LE(Socket.constants.AF_NETLINK, 0);
  sockaddr.writeUInt32LE(groups, 8);
  return sockaddr;
}

/** Makes a message about the loopback interface: struct ifinfomsg. */
export function linkMessage(type: number, flags: number, sequence: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeInt32LE(LOOPBACK, 4);
  return message(type, flags, sequence, body);
}

export function parseNetlink(datagram: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < datagram.length; ) {
    const size = datagram.readUInt32LE(at);
    messages.push({
      type: datagram.readUInt16LE(at + 4),
      sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + HEADER, at + size),
    });
    at += (size + 3) & ~3;
  }
  return messages;
}

/** Makes a message about an address of the loopback interface: struct ifaddrmsg, and the address as an attribute. */
export function addressMessage(type: number, address: readonly [number, number, number, number]): Buffer {
  const IFA_LOCAL = 2;
  const body = Buffer.alloc(16);
  body.set([Socket.constants.AF_INET, 32], 0);
  body.writeUInt32LE(LOOPBACK, 4);
  body.writeUInt16LE(8, 8);
  body.writeUInt16LE(IFA_LOCAL, 10);
  body.set(address, 12);
  return message(type, NLM_F_CREATE, 0, body);
}

function message(type: number, flags: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(NLM_F_REQUEST | flags, 6);
  header.writeUInt32LE(sequence, 8);
  return Buffer.concat([header, body]);
}
