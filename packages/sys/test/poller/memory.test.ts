import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onEachHostLoop } from '../support/host-loops.js';

const EVENTS = 10_000_000;

/** Runs a program, and returns what it prints. */
function outputOf(option: string, program: string, ...args: string[]): string {
  const path = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  return execFileSync(process.execPath, [option, path, ...args], { encoding: 'utf8' });
}

/** In a young generation of 1 MB, 16 bytes per event cause about 150 collections. */
function collectionsOver(events: number, mode = ''): number {
  const { collections, allocates } = JSON.parse(
    outputOf('--max-semi-space-size=1', 'dispatch.mjs', String(events), mode),
  );
  expect(allocates).toBe(mode === 'allocate');
  return collections;
}

test('ten million events from the kernel cause at most 5 garbage collections', () => {
  expect(collectionsOver(EVENTS)).toBeLessThanOrEqual(5);
});

test('one small object per event shows in the number of garbage collections', () => {
  expect(collectionsOver(EVENTS / 10, 'allocate')).toBeGreaterThan(10);
});

test('100,000 cycles of add, wait and delete use no more memory and leave no fd open', () => {
  const { calls, early, late } = JSON.parse(outputOf('--expose-gc', 'cycles.mjs', '100000'));
  expect(calls).toBe(100_000);
  expect(late.fds).toBe(early.fds);
  // 90,000 registrations take about 10 MB; without a leak the heap varies by some kB.
  expect(late.heap - early.heap).toBeLessThan(500_000);
});

onEachHostLoop('run()', () => {
  test('a manager and its registrations are not collected while only its run() holds them', () => {
    expect(outputOf('--expose-gc', 'collected.mjs')).toBe('served 1n\n');
  });
});
