// Prints what the kernel reports about devices of one subsystem. This program also makes the kernel report one.

import { writeFileSync } from 'node:fs';
import { AnySocket, EventManager, EventSet, Socket } from '@em/sys';

const { AF_NETLINK, SOCK_RAW } = Socket.constants;
// From <linux/netlink.h>.
const NETLINK_KOBJECT_UEVENT = 15;
/** The group that the kernel sends to. udev sends to group 2. */
const KERNEL = 1;

using manager = new EventManager();
using socket = AnySocket.open({ family: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_KOBJECT_UEVENT });

// struct sockaddr_nl: family (2), padding (2), port (4; with 0, the kernel chooses), groups to join (4).
const sockaddr = Buffer.alloc(12);
sockaddr.writeUInt16LE(AF_NETLINK, 0);
sockaddr.writeUInt32LE(KERNEL, 8);
socket.bind(sockaddr);

/** Larger than any event. */
const buffer = Buffer.alloc(8192);

manager.add(socket, EventSet.IN, () => {
  for (let length = socket.receive(buffer); length !== undefined; length = socket.receive(buffer)) {
    // A line, `change@/devices/…`, then variables, `NAME=value`. A NUL ends each.
    const [, ...variables] = buffer.toString('utf8', 0, length - 1).split('\0');
    const device = new Map(variables.map((text) => text.split(/=(.*)/s, 2) as [string, string]));
    if (device.get('SUBSYSTEM') === 'mem') {
      console.log(device.get('ACTION'), device.get('DEVPATH'));
      manager.stop();
    }
  }
});

writeFileSync('/sys/class/mem/null/uevent', 'change');
await manager.run();
