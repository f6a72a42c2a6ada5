import { expect, test } from 'vitest';
import { ReadyBatch, WORDS_PER_ENTRY } from '../src/ready-batch.js';
import { invalidType, outOfRange } from './expected-errors.js';

test('an entry is three words: events, fd, generation', () => {
  const batch = new ReadyBatch(3);
  batch.set(0, 1, 2, 3);
  batch.set(2, 7, 8, 9);
  expect(WORDS_PER_ENTRY).toBe(3);
  expect([...batch.words]).toEqual([1, 2, 3, 0, 0, 0, 7, 8, 9]);
});

test('what a poller writes into the words is what the entries say', () => {
  const batch = new ReadyBatch(2);
  batch.words.set([1, 2, 3, 4, 5, 6]);
  expect([batch.events(1), batch.fd(1), batch.generation(1)]).toEqual([4, 5, 6]);
});

test('every word is unsigned', () => {
  const batch = new ReadyBatch(1);
  batch.set(0, 1 << 31, 2 ** 31 - 1, 2 ** 32 - 1);
  expect([batch.events(0), batch.fd(0), batch.generation(0)]).toEqual([2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1]);
});

test('there is room for as many entries as asked for', () => {
  const batch = new ReadyBatch(256);
  expect(batch.capacity).toBe(256);
  expect(batch.words).toHaveLength(256 * WORDS_PER_ENTRY);
});

test.each([0, -1, 1.5, Number.NaN, 134_217_728])('a capacity of %d is refused', (capacity) => {
  expect(() => new ReadyBatch(capacity)).toThrow(outOfRange);
});

test.each(['1', 1n, null, undefined, {}])('a capacity that is no number is refused: %o', (capacity) => {
  expect(() => new ReadyBatch(capacity as never)).toThrow(invalidType);
});
