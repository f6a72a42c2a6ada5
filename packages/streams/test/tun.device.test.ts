import { execFileSync } from 'node:child_process';
import { Tun } from '@em/devices/tun';
import { EventManager, EventSet, UdpSocket } from '@em/sys';
import { expect, test } from 'vitest';
import { toDuplex } from '../src/index.js';

const COUNT = 20;
/** The number of the protocol in an IP packet. */
const UDP = 17;

test('a stream over a TUN interface keeps the packets apart, also in a burst', async () => {
  using manager = new EventManager();
  const running = manager.run();
  const tun = Tun.open();
  execFileSync('ip', ['address', 'add', '10.9.6.1/24', 'dev', tun.name]);
  execFileSync('ip', ['link', 'set', tun.name, 'up']);
  using socket = UdpSocket.bind({ host: '10.9.6.1', port: 0 });
  const stream = toDuplex(manager, tun);
  const packets: Buffer[] = [];
  stream.on('data', (packet: Buffer) => {
    if (packet.readUInt8(0) === 0x45 && packet.readUInt8(9) === UDP) {
      packets.push(swapEnds(packet));
    }
    if (packets.length === COUNT) {
      for (const answer of packets.splice(0)) {
        stream.write(answer);
      }
    }
  });

  const received: string[] = [];
  const into = Buffer.alloc(100);
  manager.add(socket, EventSet.IN, () => {
    for (let message = socket.receiveFrom(into); message; message = socket.receiveFrom(into)) {
      received.push(into.toString('latin1', 0, message.length));
    }
    if (received.length === COUNT) {
      manager.stop();
    }
  });
  const sent = Array.from({ length: COUNT }, (_, number) => `message ${number}`);
  for (const message of sent) {
    socket.sendTo({ address: '10.9.6.2', port: 7 }, Buffer.from(message));
  }
  await running;
  expect(received).toEqual(sent);
  stream.destroy();
});

/** Swaps the addresses and the ports of a UDP packet without options. The checksums stay right. */
function swapEnds(packet: Buffer): Buffer {
  const swapped = Buffer.from(packet);
  packet.copy(swapped, 12, 16, 20);
  packet.copy(swapped, 16, 12, 16);
  packet.copy(swapped, 20, 22, 24);
  packet.copy(swapped, 22, 20, 22);
  return swapped;
}
