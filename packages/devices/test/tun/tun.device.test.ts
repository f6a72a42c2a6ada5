import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EventManager, EventSet, UdpSocket } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { Tun } from '../../src/tun.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

/** The number of the protocol in an IP packet. */
const UDP = 17;

expectNoDeviceLeftOpen();

function ip(...args: string[]): void {
  execFileSync('ip', args);
}

/** Opens an interface that is up and has an address. */
function openUp(address: string): Tun {
  const tun = Tun.open({ name: 'emtest%d' });
  ip('addr', 'add', address, 'dev', tun.name);
  ip('link', 'set', tun.name, 'up');
  return tun;
}

test.each(['tun', 'tap'] as const)('a %s interface exists until it is closed', (mode) => {
  const tun = Tun.open({ mode });
  const { name, path } = tun;
  expect(name).toMatch(new RegExp(`^${mode}\\d+$`));
  expect(tun.mode).toBe(mode);
  expect(path).toBe(`/sys/class/net/${name}`);
  expect(existsSync(path)).toBe(true);
  tun.close();
  expect(existsSync(path)).toBe(false);
});

test('packets pass in both directions', () => {
  using tun = openUp('10.9.0.1/24');
  using socket = UdpSocket.bind({ host: '10.9.0.1', port: 0 });
  using manager = new EventManager();
  const packet = Buffer.alloc(2048);
  manager.add(tun, EventSet.IN, () => {
    const length = tun.receive(packet) ?? 0;
    if (isUdp(packet)) {
      swapEnds(packet);
      expect(tun.send(packet, 0, length)).toBe(length);
    }
  });
  const peer = { address: '10.9.0.2', port: 7 };
  const message = Buffer.from('over the tunnel and back');
  socket.sendTo(peer, message);
  const into = Buffer.alloc(100);
  let received = socket.receiveFrom(into);
  while (received === undefined) {
    manager.wait();
    received = socket.receiveFrom(into);
  }
  expect(received).toMatchObject({ length: message.length, from: peer });
  expect(into.subarray(0, message.length)).toEqual(message);
});

/** Whether a packet is UDP over IPv4. */
function isUdp(packet: Buffer): boolean {
  return packet.readUInt8(0) >> 4 === 4 && packet.readUInt8(9) === UDP;
}

/** Swaps addresses and ports. The checksums stay right. */
function swapEnds(packet: Buffer): void {
  const ports = (packet.readUInt8(0) & 0xf) * 4;
  for (const [at, size] of [
    [12, 4],
    [ports, 2],
  ] as const) {
    const source = Buffer.from(packet.subarray(at, at + size));
    packet.copy(packet, at, at + size, at + 2 * size);
    source.copy(packet, at + size);
  }
}

test('adopt() takes over the fd of an interface, and no other fd', () => {
  const opened = Tun.open({ mode: 'tap' });
  const { name } = opened;
  using tun = Tun.adopt(opened.detach());
  expect([tun.name, tun.mode]).toEqual([name, 'tap']);
});

describe('an error names the interface', () => {
  test('if it is in use', () => {
    using tun = Tun.open();
    const { name } = tun;
    expect(raises(() => Tun.open({ name }))).toMatchObject({
      code: 'EBUSY',
      path: '/dev/net/tun',
      message: expect.stringContaining(`Cannot make the network interface ${name} with /dev/net/tun: EBUSY`),
    });
  });

  test('if it is down', () => {
    using tun = Tun.open();
    const { path } = tun;
    expect(raises(() => tun.send(Buffer.alloc(20, 0x45)))).toMatchObject({ code: 'EIO', path });
  });

  test('if it was deleted', () => {
    using tun = openUp('10.9.1.1/24');
    const { name, path } = tun;
    using manager = new EventManager();
    const seen: string[] = [];
    manager.add(tun, EventSet.IN, (events, registration) => {
      seen.push(EventSet.format(events & EventSet.ERROR));
      registration.delete();
    });
    ip('link', 'del', name);
    manager.wait();
    expect(seen).toEqual(['ERROR']);
    expect(raises(() => tun.receive(Buffer.alloc(10)))).toMatchObject({ code: 'EBADFD', path });
    expect(raises(() => tun.name)).toMatchObject({ code: 'EBADFD', path });
  });
});

test('a packet that is longer than the buffer is cut', () => {
  using tun = openUp('10.9.2.1/24');
  using socket = UdpSocket.bind({ host: '10.9.2.1', port: 0 });
  socket.sendTo({ address: '10.9.2.2', port: 7 }, Buffer.alloc(100));
  expect(waitFor(tun, () => tun.receive(Buffer.alloc(12)))).toBe(12);
});
