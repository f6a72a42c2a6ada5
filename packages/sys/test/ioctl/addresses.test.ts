import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { EventFd, Ioctl, ioctl, UdpSocket } from '../../src/index.js';
import { structWithAddresses } from '../../src/ioctl/addresses.js';
import { raises } from '../support/raises.js';

const I2C_RDWR = 0x0707;
const I2C_SMBUS = 0x0720;
const SIOCETHTOOL = 0x8946;
const spiMessage = (count: number): number => Ioctl.write('k', 0, 32 * count);

/** linux/ethtool.h. */
const ETHTOOL_GLINK = 0x0a;
const ETHTOOL_GSTRINGS = 0x1b;
const ETH_SS_FEATURES = 4;

/** A request for the loopback interface. What the command needs is at `at`. */
function loopback(length: number, command: number, at: number = 40): Uint8Array {
  const argument = new Uint8Array(length);
  argument.set(Buffer.from('lo'));
  const view = viewOf(argument);
  view.setBigUint64(16, BigInt(at), true);
  view.setUint32(at, command, true);
  return argument;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Returns an argument with 64-bit numbers at these places. */
function withNumbers(length: number, numbers: Readonly<Record<number, number | bigint>>): Uint8Array {
  const argument = new Uint8Array(length);
  for (const [at, number] of Object.entries(numbers)) {
    viewOf(argument).setBigUint64(Number(at), BigInt(number), true);
  }
  return argument;
}

let socket: UdpSocket;

beforeEach(() => {
  socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
});

afterEach(() => socket.close());

describe('a request whose argument holds an address', () => {
  test.each([
    ['plain', (length: number) => new ArrayBuffer(length)],
    ['shared', (length: number) => new SharedArrayBuffer(length)],
  ])('reads and fills what the address points to, in %s memory', (_, makeBuffer) => {
    const argument = new Uint8Array(makeBuffer(64 + 48 + 64), 64, 48);
    argument.set(loopback(48, ETHTOOL_GLINK));
    expect(ioctl(socket.fd, SIOCETHTOOL, argument)).toBe(0);
    expect(viewOf(argument).getUint32(44, true)).toBe(1);
    // The address does not come back.
    expect(viewOf(argument).getBigUint64(16, true)).toBe(40n);
    const all = new Uint8Array(argument.buffer);
    expect([...all.subarray(0, 64), ...all.subarray(112)]).toEqual(Array(128).fill(0));
  });

  test('loses what the kernel writes behind the argument', () => {
    const memory = new Uint8Array(4096).fill(0xee);
    const argument = memory.subarray(1024, 1024 + 52);
    argument.set(loopback(52, ETHTOOL_GSTRINGS));
    viewOf(argument).setUint32(44, ETH_SS_FEATURES, true);
    viewOf(argument).setUint32(48, 0, true);
    expect(ioctl(socket.fd, SIOCETHTOOL, argument)).toBe(0);
    // Each name takes 32 bytes.
    expect(viewOf(argument).getUint32(48, true)).toBeGreaterThan(30);
    expect(memory.subarray(0, 1024).every((byte) => byte === 0xee)).toBe(true);
    expect(memory.subarray(1024 + 52).every((byte) => byte === 0xee)).toBe(true);
  });

  test('has no address where the argument has 0', () => {
    expect(raises(() => ioctl(socket.fd, SIOCETHTOOL, withNumbers(48, {})))).toMatchObject({ code: 'EFAULT' });
  });

  test.each<[string, number, Uint8Array, string]>([
    ['within the struct', SIOCETHTOOL, withNumbers(48, { 16: 39 }), '40 to 47'],
    ['at the end of the argument', SIOCETHTOOL, withNumbers(48, { 16: 48 }), '40 to 47'],
    ['of memory', SIOCETHTOOL, withNumbers(48, { 16: 0x7f00_0000_0000 }), '40 to 47'],
    ['of the kernel', SIOCETHTOOL, withNumbers(48, { 16: 2n ** 64n - 1n }), '40 to 47'],
    ['of a result of SMBus', I2C_SMBUS, withNumbers(50, { 8: 15 }), '16 to 49'],
    ['of the second buffer of SPI', spiMessage(2), withNumbers(80, { 0: 64, 40: 80 }), '64 to 79'],
    ['of messages', I2C_RDWR, withNumbers(48, { 0: 8, 8: 1 }), '16 to 47'],
    ['of the bytes of a message', I2C_RDWR, withNumbers(49, { 0: 16, 8: 2, 40: 49 }), '16 to 48'],
  ])('is refused for an address that is not in the argument: %s', (_, request, argument, range) => {
    const before = [...argument];
    expect(raises(() => ioctl(socket.fd, request, argument))).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringMatching(new RegExp(`"the address at byte \\d+ of the argument" must be .*${range}`)),
    });
    expect([...argument]).toEqual(before);
  });

  test('is refused if it has more messages than there is room for', () => {
    const argument = withNumbers(48, { 0: 16, 8: 3 });
    expect(raises(() => ioctl(socket.fd, I2C_RDWR, argument))).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: expect.stringContaining('0 to 2, which fit behind it. Received 3'),
    });
  });

  test.each([
    [I2C_RDWR, 16],
    [I2C_SMBUS, 16],
    [spiMessage(1), 32],
    [spiMessage(3), 96],
    [SIOCETHTOOL, 40],
  ])('is refused if the argument is an integer, or too short: 0x%s', (request, bytes) => {
    expect(raises(() => ioctl(socket.fd, request, 0)).code).toBe('ERR_INVALID_ARG_TYPE');
    expect(raises(() => ioctl(socket.fd, request, new Uint8Array(bytes - 1))).code).toBe('ERR_OUT_OF_RANGE');
  });
});

test.each<[string, number, Uint8Array, readonly number[]]>([
  ['I2C_RDWR', I2C_RDWR, withNumbers(80, { 0: 16, 8: 2, 24: 48, 40: 49 }), [0, 24, 40]],
  ['I2C_RDWR, a message without bytes', I2C_RDWR, withNumbers(80, { 0: 20, 8: 2, 44: 52 }), [0, 44]],
  ['I2C_RDWR, no messages', I2C_RDWR, withNumbers(16, { 8: 2 }), []],
  ['I2C_SMBUS', I2C_SMBUS, withNumbers(50, { 8: 16 }), [8]],
  ['SPI_IOC_MESSAGE(2)', spiMessage(2), withNumbers(96, { 0: 64, 8: 70, 32: 80, 40: 90 }), [0, 8, 32, 40]],
  [
    'SPI_IOC_MESSAGE(2), which only sends, then only receives',
    spiMessage(2),
    withNumbers(96, { 0: 64, 40: 80 }),
    [0, 40],
  ],
])('the addresses in an argument are found: %s', (_, request, argument, expected) => {
  expect(structWithAddresses(request)?.addressesIn(argument)).toEqual(expected);
});

test.each([
  ['that overlap', [0, 4]],
  ['in descending order', [8, 0]],
  ['twice', [8, 8]],
  ['across the end', [9]],
  ['behind the end', [16]],
  ['far behind the end', [2 ** 32 - 1]],
])('the addon refuses addresses %s, and makes no request', (_, places) => {
  using eventFd = new EventFd();
  const argument = new Uint8Array(16).fill(0);
  const result = binding().ioctlAddresses(eventFd.fd, I2C_SMBUS, argument, Uint32Array.from(places));
  expect(result).toBe(-22);
});
