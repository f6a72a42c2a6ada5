import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { collect } from './collect.js';
import { fakeHarness } from './fake-harness.js';

/** Runs a file under `node:test`, and returns the numbers of its summary. */
async function runNodeTest(file: URL): Promise<Record<string, number>> {
  const args = ['--test', '--test-reporter=tap', fileURLToPath(file)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });
  return Object.fromEntries([...stdout.matchAll(/^# (\w+) (\d+)$/gm)].map(([, key = '', n]) => [key, Number(n)]));
}

test('the suite passes and skips the same scenarios under node:test as under vitest', async () => {
  const full = fakeHarness(() => new FakePoller());
  const { createPoller, createFd } = full;
  const few = await collect({ createPoller, createFd, lacks: ['timeouts'] });
  const all = await collect(full);

  expect(await runNodeTest(new URL('node-test/contract.ts', import.meta.url))).toMatchObject({
    pass: all.passed.length + few.passed.length,
    fail: 0,
    skipped: few.skipped.length,
  });
});

test('virtual time passes beside the mock timers of node:test', async () => {
  expect(await runNodeTest(new URL('node-test/mock-timers.ts', import.meta.url))).toMatchObject({ pass: 2, fail: 0 });
});
