import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../programs/wait-until-interrupted.mjs', import.meta.url));

test('a signal ends a wait for ever with 0 and cause interrupt, and its handler runs', async () => {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  // One signal may come between the line and the wait, and be handled by neither: send until it has ended.
  await once(child.stdout, 'data');
  const signalling = setInterval(() => child.kill('SIGTERM'), 20);
  const [code] = await once(child, 'close');
  clearInterval(signalling);
  expect(code).toBe(0);
  expect(output).toBe('waiting\n0 interrupt\nhandler ran\n');
});
