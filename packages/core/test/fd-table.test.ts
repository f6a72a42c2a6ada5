import { expect, test } from 'vitest';
import { FdTable } from '../src/fd-table.js';

interface Owner {
  readonly name: string;
}

const HIGHEST = 2 ** 31 - 1;

function tableOf(...fds: number[]): FdTable<Owner> {
  const table = new FdTable<Owner>();
  for (const fd of fds) {
    table.set(fd, { name: String(fd) });
  }
  return table;
}

function namesIn(table: FdTable<Owner>): string[] {
  return Array.from(table, (owner) => owner.name);
}

test('an empty table has nothing', () => {
  const table = tableOf();
  expect(table.size).toBe(0);
  expect(table.get(0)).toBeUndefined();
  expect(namesIn(table)).toEqual([]);
});

test.each([0, 1, 63, 64, 1_000, 5_000, 2 ** 20 - 1, 2 ** 20, HIGHEST])('fd %d is found, and no other', (fd) => {
  const table = tableOf(fd);
  expect(table.get(fd)?.name).toBe(String(fd));
  expect(table.get(fd - 1)).toBeUndefined();
  expect(table.get(fd + 1)).toBeUndefined();
  expect(namesIn(table)).toEqual([String(fd)]);
});

test.each([3, HIGHEST])('size counts fd %d once, however often it is set or deleted', (fd) => {
  const table = tableOf(fd, fd);
  expect(table.size).toBe(1);
  table.delete(fd);
  table.delete(fd);
  expect(table.size).toBe(0);
  expect(table.get(fd)).toBeUndefined();
  table.delete(fd + 1);
  expect(table.size).toBe(0);
});

test('iteration is in order of fd, whatever the order of setting', () => {
  const table = tableOf(HIGHEST, 70, 3, HIGHEST - 5, 2 ** 20, 0);
  table.delete(70);
  expect(namesIn(table)).toEqual(['0', '3', String(2 ** 20), String(HIGHEST - 5), String(HIGHEST)]);
});

test('a deletion during an iteration does not end it', () => {
  const table = tableOf(1, 2, 3, HIGHEST);
  const seen: string[] = [];
  for (const { name } of table) {
    seen.push(name);
    table.delete(Number(name));
  }
  expect(seen).toEqual(['1', '2', '3', String(HIGHEST)]);
  expect(table.size).toBe(0);
});

test('the highest fd takes no memory for the numbers below it', () => {
  const before = process.memoryUsage();
  const table = tableOf(HIGHEST);
  const after = process.memoryUsage();
  expect(table.size).toBe(1);
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(1 << 20);
});
