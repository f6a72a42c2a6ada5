import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const waiting = fileURLToPath(new URL('../programs/wait-until-interrupted.mjs', import.meta.url));
const profiled = fileURLToPath(new URL('../programs/profiled.mjs', import.meta.url));

test('a signal ends a wait without a timeout, with 0 and cause interrupt, and its handler runs', async () => {
  const child = spawn(process.execPath, [waiting], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  // A signal may come between the line and the wait, and end neither: send signals until the process ends.
  await once(child.stdout, 'data');
  const signalling = setInterval(() => child.kill('SIGTERM'), 20);
  const [code] = await once(child, 'close');
  clearInterval(signalling);
  expect(code).toBe(0);
  expect(output).toBe('waiting\n0 interrupt\nhandler ran\n');
});

test.each([
  ['--cpu-prof', 'main'],
  ['--cpu-prof', 'worker'],
  ['--prof', 'main'],
])('the signals of a profiler do not end a wait: %s, %s thread', async (flag, thread) => {
  const cwd = mkdtempSync(join(tmpdir(), 'em-profile-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [flag, profiled, thread], { cwd, timeout: 50_000 });
    expect(stdout).toBe('0 timeout, 0 timeout, 1 events, 0 timeout\n');
  } finally {
    rmSync(cwd, { recursive: true });
  }
});
