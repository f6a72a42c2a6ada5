import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const PROGRAM = new URL('programs/not-driven.ts', import.meta.url);
const WARNING = `EM_NOT_DRIVEN
once() or on() waits, but nothing drives the manager: call run(), or wait() in a loop
`;

async function outputOf(mode: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM.pathname, mode]);
  return stdout;
}

describe.concurrent('a process in which once() waits', () => {
  test.each([
    ['and nothing drives the manager gets a warning when it ends', 'ends alone', WARNING],
    ['and nothing drives the manager gets one warning while something else keeps it alive', 'is kept alive', WARNING],
    ['and the manager runs gets no warning', 'runs', ''],
    ['and a loop of waits drives the manager gets no warning', 'waits in a loop', ''],
    ['and a loop of waits is busy for long in between gets no warning', 'waits in a slow loop', ''],
    ['until its signal aborts gets no warning', 'waits for nothing', ''],
  ])('%s', { timeout: 60_000 }, async (_title, mode, output) => {
    expect(await outputOf(mode)).toBe(output);
  });
});
