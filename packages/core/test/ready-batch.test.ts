import { expect, test } from 'vitest';
import { ReadyBatch } from '../src/ready-batch.js';
import { invalidType, outOfRange } from './expected-errors.js';

test('set() writes events, fd and generation into the buffer, in this order', () => {
  const batch = new ReadyBatch(3);
  batch.set(0, 1, 2, 3);
  batch.set(2, 7, 8, 9);
  expect([...new Uint32Array(batch.buffer)]).toEqual([2, 1, 3, 0, 0, 0, 8, 7, 9]);
});

test('an entry says what native code writes into the buffer', () => {
  const batch = new ReadyBatch(2);
  new Uint32Array(batch.buffer).set([1, 2, 3, 4, 5, 6]);
  expect([batch.events(1), batch.fd(1), batch.generation(1)]).toEqual([4, 5, 6]);
});

test('the parts of an entry are unsigned', () => {
  const batch = new ReadyBatch(1);
  batch.set(0, 2 ** 31 - 1, 1 << 31, 2 ** 32 - 1);
  expect([batch.fd(0), batch.events(0), batch.generation(0)]).toEqual([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]);
});

test('a batch has room for `capacity` entries of 12 bytes', () => {
  const batch = new ReadyBatch(256);
  expect(batch.capacity).toBe(256);
  expect(batch.buffer.byteLength).toBe(256 * 12);
});

test.each([0, -1, 1.5, Number.NaN, 134_217_728])('a capacity of %d is refused', (capacity) => {
  expect(() => new ReadyBatch(capacity)).toThrow(outOfRange);
});

test.each(['1', 1n, null, undefined, {}])('a capacity that is not a number is refused: %o', (capacity) => {
  expect(() => new ReadyBatch(capacity as never)).toThrow(invalidType);
});
