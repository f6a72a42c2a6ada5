// Prints the network interfaces as the kernel reports them over rtnetlink. Changes arrive in the same way.

import { AnySocket, EventManager, EventSet, Socket } from '@em/sys';

const { AF_NETLINK, SOCK_RAW } = Socket.constants;
// From <linux/netlink.h>, <linux/rtnetlink.h>, <linux/if_link.h> and <linux/if.h>.
const NETLINK_ROUTE = 0;
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTMGRP_LINK = 1;
const IFLA_IFNAME = 3;
const IFF_UP = 0x1;
/** struct nlmsghdr: size (4), type (2), flags (2), sequence (4), port (4). All in the byte order of the machine. */
const HEADER = 16;
/** struct ifinfomsg: family (2), type (2), index (4), flags (4), change (4). */
const LINK = 16;

using manager = new EventManager();
using socket = AnySocket.open({ family: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_ROUTE });

// struct sockaddr_nl: family (2), padding (2), port (4; with 0, the kernel chooses), groups to join (4).
const sockaddr = Buffer.alloc(12);
sockaddr.writeUInt16LE(AF_NETLINK, 0);
sockaddr.writeUInt32LE(RTMGRP_LINK, 8);
socket.bind(sockaddr);

/** Larger than any datagram of the kernel. The rest of a datagram that does not fit would be lost. */
const buffer = Buffer.alloc(32_768);

manager.add(socket, EventSet.IN, () => {
  const datagram = buffer.subarray(0, socket.receive(buffer) ?? 0);
  let size = 0;
  for (let at = 0; at < datagram.length; at += align(size)) {
    size = datagram.readUInt32LE(at);
    const type = datagram.readUInt16LE(at + 4);
    if (type === RTM_NEWLINK) {
      show(datagram.subarray(at + HEADER, at + size));
    } else if (type === NLMSG_DONE) {
      // That was the last interface. A daemon would not stop here: from now on, it would receive every change.
      manager.stop();
    }
  }
});

/** The attributes follow the ifinfomsg: size (2), type (2), value. */
function show(link: Buffer): void {
  const isUp = (link.readUInt32LE(8) & IFF_UP) !== 0;
  let size = 0;
  for (let at = LINK; at < link.length; at += align(size)) {
    size = link.readUInt16LE(at);
    const name = link.toString('utf8', at + 4, at + size - 1);
    if (link.readUInt16LE(at + 2) === IFLA_IFNAME && name === 'lo') {
      console.log(`${name} is ${isUp ? 'up' : 'down'}`);
    }
  }
}

function align(size: number): number {
  return (size + 3) & ~3;
}

const request = Buffer.alloc(HEADER + LINK);
request.writeUInt32LE(request.length, 0);
request.writeUInt16LE(RTM_GETLINK, 4);
request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
socket.send(request);
await manager.run();
