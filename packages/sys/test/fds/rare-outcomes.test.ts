import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addonPath } from '../support/addon-path.js';

const at = (name: string) => fileURLToPath(new URL(`../programs/${name}`, import.meta.url));

let folder: string;
let library: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-calls-'));
  library = join(folder, 'system-calls.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, at('system-calls.c')]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function run(trial: string, calls: string): { report: unknown; stderr: string } {
  const env = { ...process.env, LD_PRELOAD: library, EM_TEST_CALLS: calls };
  const args = [at('closes.mjs'), trial, addonPath];
  const { stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return { report: JSON.parse(stdout), stderr };
}

test('a close that a signal interrupts is not an error: the fd is closed', () => {
  expect(run('closes', 'interrupted').report).toEqual({ outcomes: Array(8).fill('done'), left: 0 });
});

test('when a worker ends, an fd of 2²⁰ or more is closed, unless it was disowned', () => {
  expect(run('a high number', '')).toEqual({
    report: { outcomes: [1, 0, 0], left: 0 },
    stderr: `closed ${2 ** 20 + 5}\n`,
  });
});

test('a worker without memory to record an fd throws ENOMEM, and leaves nothing open', () => {
  expect(run('makes', 'no memory').report).toEqual({ outcomes: Array(4).fill('ENOMEM'), left: 0 });
});
