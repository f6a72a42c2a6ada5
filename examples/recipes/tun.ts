// Answers the pings to an address that no machine has, through a virtual network interface. Needs root.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Tun } from '@em/devices/tun';
import { EventManager, EventSet } from '@em/sys';

// From the headers of IPv4 and ICMP.
const [PROTOCOL, SOURCE, DESTINATION] = [9, 12, 16];
const ICMP = 1;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;

using manager = new EventManager();
using tun = Tun.open();
execFileSync('ip', ['address', 'add', '10.9.0.1/24', 'dev', tun.name]);
execFileSync('ip', ['link', 'set', tun.name, 'up']);

const packet = Buffer.alloc(1500);
manager.add(tun, EventSet.IN, () => {
  const length = tun.receive(packet) ?? 0;
  const isIPv4 = packet.readUInt8(0) >> 4 === 4;
  const icmp = (packet.readUInt8(0) & 0xf) * 4;
  if (isIPv4 && packet.readUInt8(PROTOCOL) === ICMP && packet.readUInt8(icmp) === ECHO_REQUEST) {
    const source = packet.readUInt32BE(SOURCE);
    packet.writeUInt32BE(packet.readUInt32BE(DESTINATION), SOURCE);
    packet.writeUInt32BE(source, DESTINATION);
    packet.writeUInt8(ECHO_REPLY, icmp);
    // The type is smaller by 8, so the checksum is larger by 8, with the carry of one's complement.
    const sum = packet.readUInt16BE(icmp + 2) + (ECHO_REQUEST << 8);
    packet.writeUInt16BE((sum & 0xffff) + (sum >> 16), icmp + 2);
    tun.send(packet, 0, length);
  }
});

const run = manager.run();
const ping = spawn('ping', ['-c', '1', '10.9.0.2'], { stdio: 'ignore' });
const [exitCode] = await once(ping, 'exit');
console.log(exitCode === 0 ? '10.9.0.2 answers' : '10.9.0.2 does not answer');
manager.stop();
await run;
