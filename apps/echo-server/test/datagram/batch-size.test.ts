import { expect, test } from 'vitest';
import { BatchSize } from '../../src/datagram/batch-size.js';

const CAPACITY = 64;

/** Lets this number of messages wait at each of several events. Returns how many were asked for at each. */
function ask(size: BatchSize, waiting: number, events: number): number[] {
  return Array.from({ length: events }, () => {
    const { wanted } = size;
    const count = Math.min(waiting, wanted);
    size.adapt(count, count * 64);
    return wanted;
  });
}

test('where messages come one by one, it asks for a single one nearly every time', () => {
  const size = new BatchSize(CAPACITY);
  ask(size, 1, 300);
  const asked = ask(size, 1, 640);
  expect(Math.max(...asked)).toBe(4);
  expect(asked.filter((wanted) => wanted > 1)).toHaveLength(10);
});

test('where many wait, it soon asks for all of them', () => {
  const size = new BatchSize(CAPACITY);
  expect(ask(size, 40, 3)).toEqual([64, 60, 60]);
  ask(size, 1, 300);
  expect(ask(size, 40, 70).slice(-2)).toEqual([60, 60]);
});

test('once it finds more than one again, a single one does not make it wait long', () => {
  const size = new BatchSize(CAPACITY);
  ask(size, 1, 300);
  ask(size, 2, 70);
  expect(ask(size, 1, 6)).toEqual([3, 1, 4, 1, 1, 1]);
});

test('after large messages, it asks for half as many', () => {
  const size = new BatchSize(CAPACITY);
  size.adapt(64, 64 * 64 * 1024);
  expect(size.wanted).toBe(32);
});
