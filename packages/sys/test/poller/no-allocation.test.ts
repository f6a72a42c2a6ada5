import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/dispatch.mjs', import.meta.url));
const EVENTS = 10_000_000;

/** In a young generation of 1 MB, 16 bytes an event would be some 150 collections. */
function collectionsOver(events: number, mode = ''): number {
  const out = execFileSync(process.execPath, ['--max-semi-space-size=1', program, String(events), mode]);
  const { collections, allocates } = JSON.parse(out.toString());
  expect(allocates).toBe(mode === 'allocate');
  return collections;
}

test('ten million events from the kernel are dispatched without a garbage collection to speak of', () => {
  expect(collectionsOver(EVENTS)).toBeLessThanOrEqual(5);
});

test('the count shows one small object an event', () => {
  expect(collectionsOver(EVENTS / 10, 'allocate')).toBeGreaterThan(10);
});
