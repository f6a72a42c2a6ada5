import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { collect } from './collect.js';
import { fakeHarness } from './fake-harness.js';

const file = fileURLToPath(new URL('node-test/contract.ts', import.meta.url));

test('the suite passes and skips the same scenarios under node:test as under vitest', async () => {
  const full = fakeHarness(() => new FakePoller());
  const { createPoller, createFd } = full;
  const few = await collect({ createPoller, createFd, lacks: ['timeouts'] });
  const all = await collect(full);

  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });

  const summary = Object.fromEntries([...stdout.matchAll(/^# (\w+) (\d+)$/gm)].map(([, key, n]) => [key, Number(n)]));
  expect(summary).toMatchObject({
    pass: all.passed.length + few.passed.length,
    fail: 0,
    skipped: few.skipped.length,
  });
});
