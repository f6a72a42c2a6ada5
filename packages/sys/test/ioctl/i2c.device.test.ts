// Requests whose argument holds addresses, on a chip that the kernel simulates (i2c-stub).
import { constants } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { close, ioctl, open } from '../../src/index.js';
import { raises } from '../support/raises.js';

// linux/i2c-dev.h, linux/i2c.h
const I2C_SLAVE = 0x0703;
const I2C_RDWR = 0x0707;
const I2C_SMBUS = 0x0720;
const [I2C_SMBUS_WRITE, I2C_SMBUS_READ] = [0, 1];
const [I2C_SMBUS_QUICK, I2C_SMBUS_WORD_DATA, I2C_SMBUS_I2C_BLOCK_DATA] = [0, 3, 8];
/** `chip_addr` in tools/ci/machine/set-up.sh. */
const CHIP = 0x1c;
const NO_CHIP = 0x1d;

let fd: number;

beforeEach(() => {
  fd = open('/dev/i2c-0', constants.O_RDWR);
  ioctl(fd, I2C_SLAVE, CHIP);
});

afterEach(() => close(fd));

/** Makes the argument: `struct i2c_smbus_ioctl_data`, then the data. */
function smbus(readOrWrite: number, command: number, size: number, data: readonly number[] = []): Buffer {
  const argument = Buffer.alloc(16 + 34);
  argument.writeUInt8(readOrWrite, 0);
  argument.writeUInt8(command, 1);
  argument.writeUInt32LE(size, 4);
  argument.writeBigUInt64LE(16n, 8);
  argument.set(data, 16);
  return argument;
}

test('a word is written, and read again', () => {
  ioctl(fd, I2C_SMBUS, smbus(I2C_SMBUS_WRITE, 7, I2C_SMBUS_WORD_DATA, [0x34, 0x12]));
  const argument = smbus(I2C_SMBUS_READ, 7, I2C_SMBUS_WORD_DATA);
  expect(ioctl(fd, I2C_SMBUS, argument)).toBe(0);
  expect(argument.readUInt16LE(16)).toBe(0x1234);
  expect(argument.readBigUInt64LE(8)).toBe(16n);
});

test('a block is written, and read again', () => {
  const block = [5, 1, 2, 3, 4, 5];
  ioctl(fd, I2C_SMBUS, smbus(I2C_SMBUS_WRITE, 0x20, I2C_SMBUS_I2C_BLOCK_DATA, block));
  const argument = smbus(I2C_SMBUS_READ, 0x20, I2C_SMBUS_I2C_BLOCK_DATA, [5]);
  ioctl(fd, I2C_SMBUS, argument);
  expect([...argument.subarray(16, 22)]).toEqual(block);
});

test('a request without data has no address, and finds the chip', () => {
  const argument = smbus(I2C_SMBUS_WRITE, 0, I2C_SMBUS_QUICK);
  argument.writeBigUInt64LE(0n, 8);
  expect(ioctl(fd, I2C_SMBUS, argument)).toBe(0);
  ioctl(fd, I2C_SLAVE, NO_CHIP);
  expect(raises(() => ioctl(fd, I2C_SMBUS, argument)).code).toBe('ENODEV');
});

test('the kernel reads all messages of I2C_RDWR, which this bus cannot send', () => {
  // A write of one byte, then a read of two. The messages are at 16 and 32, their bytes at 48 and 49.
  const argument = Buffer.alloc(51);
  argument.writeBigUInt64LE(16n, 0);
  argument.writeUInt32LE(2, 8);
  for (const [at, flags, length, bytes] of [
    [16, 0, 1, 48n],
    [32, 1, 2, 49n],
  ] as const) {
    argument.writeUInt16LE(CHIP, at);
    argument.writeUInt16LE(flags, at + 2);
    argument.writeUInt16LE(length, at + 4);
    argument.writeBigUInt64LE(bytes, at + 8);
  }
  const before = Buffer.from(argument);
  // It would be EFAULT if an address were wrong.
  expect(raises(() => ioctl(fd, I2C_RDWR, argument)).code).toBe('EOPNOTSUPP');
  expect(argument).toEqual(before);
  argument.writeBigUInt64LE(0n, 40);
  expect(raises(() => ioctl(fd, I2C_RDWR, argument)).code).toBe('EFAULT');
});
