import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// The program dispatches ten million events, with the built package, in a process whose young generation is 1 MB: an
// object of 16 bytes per event would cause some 150 collections.

const PROGRAM = new URL('programs/count-collections.ts', import.meta.url);
const EVENTS = 10_000_000;
const run = promisify(execFile);

interface Counts {
  readonly dispatched: number;
  readonly stale: number;
  readonly masked: number;
  readonly collections: number;
}

async function count(kind: string, eventsPerWait: number): Promise<Counts> {
  const { stdout } = await run(process.execPath, [
    '--max-semi-space-size=1',
    PROGRAM.pathname,
    kind,
    String(eventsPerWait),
  ]);
  return JSON.parse(stdout);
}

test.each(['dispatched', 'stale', 'masked'] as const)(
  'ten million events that are %s allocate nothing (C18)',
  async (kind) => {
    const counts = await count(kind, 256);
    expect(counts[kind]).toBeGreaterThanOrEqual(EVENTS);
    expect(counts.collections).toBeLessThanOrEqual(3);
  },
);

test('ten million waits for one event each allocate nothing (C18)', async () => {
  const { dispatched, collections } = await count('dispatched', 1);
  expect(dispatched).toBeGreaterThanOrEqual(EVENTS);
  expect(collections).toBeLessThanOrEqual(3);
});

test('the control: one small object per event is noticed', async () => {
  const { dispatched, collections } = await count('allocating', 256);
  expect(dispatched).toBeGreaterThanOrEqual(EVENTS);
  expect(collections).toBeGreaterThan(100);
});
