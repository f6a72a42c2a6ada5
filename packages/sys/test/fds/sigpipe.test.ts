import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/sigpipe.mjs', import.meta.url));

test.each([
  'PipeWriter.write()',
  'write() to a pipe',
  'write() to a socket',
  'UnixStream.write()',
  'UnixStream.sendFds()',
])('%s is EPIPE, and no SIGPIPE ends the process, whatever its disposition', (writer) => {
  const { stdout, stderr, signal } = spawnSync(process.execPath, [program, writer], { encoding: 'utf8' });
  expect([signal, stderr]).toEqual([null, '']);
  expect(JSON.parse(stdout)).toEqual({ codes: ['EPIPE', 'EPIPE'], pending: 0, blocked: 0 });
});
