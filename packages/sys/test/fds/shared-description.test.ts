import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/shared-description.mjs', import.meta.url));

test('nothing blocks, though a child process has made the open file that it shares blocking', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 30_000 });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.endsWith(': would block'))).toEqual([]);
  const calls = readFileSync(program, 'utf8').match(/^ {2}'\w+\.\w+': \[/gm);
  expect(lines).toHaveLength(calls?.length ?? 0);
});
