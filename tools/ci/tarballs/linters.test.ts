import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { installPrograms, PROGRAMS } from './programs.ts';

const tarballs = Object.entries(inject('tarballs'));

beforeAll(installPrograms);

test.each(tarballs)('publint finds nothing in %s', (_, path) => {
  expect(run('publint', ['run', path, '--strict'])).toEqual({ status: 0, output: expect.stringMatching('All good!') });
});

test.each(tarballs)('the types of %s match its modules, for each way to import them', (_, path) => {
  const args = [path, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'];
  expect(run('attw', args)).toEqual({
    status: 0,
    output: expect.stringMatching('No problems found|node16 .from ESM.'),
  });
});

function run(command: string, args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(PROGRAMS, '.bin', command), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
