// Many programs and much output. They run if EM_PTY_LONG is set, and print what they measured.

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { EventManager, EventSet } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { Pty } from '../../src/pty.js';

const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const TICKS_PER_SECOND = 100;

/** Runs a program, and returns the number of bytes that it wrote, and how it ended. */
async function count(manager: EventManager, command: string, args: readonly string[]): Promise<unknown[]> {
  using pty = Pty.open();
  pty.setRaw(true);
  pty.spawn(command, args);
  const buffer = Buffer.alloc(65_536);
  let bytes = 0;
  manager.add(pty, EventSet.IN, (_, registration) => {
    const length = pty.read(buffer);
    bytes += length ?? 0;
    if (length === 0) {
      registration.delete();
    }
  });
  const { exitCode } = await pty.finished;
  return [exitCode, bytes];
}

function cpuSeconds(): number {
  const [, rest = ''] = /\) (.*)/.exec(readFileSync('/proc/self/stat', 'utf8')) ?? [];
  const fields = rest.split(' ').map(Number);
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

describe.skipIf(!process.env['EM_PTY_LONG'])('in the long run', { timeout: 600_000 }, () => {
  test('1,000 short commands have written all of their output when they are finished', async () => {
    using manager = new EventManager();
    void manager.run();
    const text = 'x'.repeat(20_000);
    for (let round = 0; round < 100; round++) {
      const results = await Promise.all(Array.from({ length: 10 }, async () => count(manager, '/bin/echo', [text])));
      expect(results).toEqual(Array(10).fill([0, 20_001]));
    }
  });

  test('300 MB arrive, and no byte is missing', async () => {
    using manager = new EventManager();
    void manager.run();
    expect(await count(manager, 'head', ['-c', '300000000', '/dev/zero'])).toEqual([0, 300_000_000]);
  });

  test('100 ptys need no more threads than one, and no CPU time while their output is not read', async () => {
    using manager = new EventManager();
    void manager.run();
    const threads = () => readdirSync('/proc/self/task').length;
    const ptys = [Pty.open()];
    ptys[0]?.spawn('yes');
    await setTimeout(100);
    const before = threads();
    for (let made = 1; made < 100; made++) {
      const pty = Pty.open();
      pty.spawn('yes');
      ptys.push(pty);
    }
    for (const pty of ptys) {
      manager.add(pty, EventSet.IN, (_, registration) => registration.pause());
    }
    await setTimeout(1_000);
    const start = cpuSeconds();
    await setTimeout(10_000);
    console.log(`CPU time of 100 ptys that are not read from: ${(cpuSeconds() - start) * 10} %; ${threads()} threads`);
    expect(threads()).toBe(before);
    for (const pty of ptys) {
      pty.close();
      expect(await pty.finished).toEqual({ exitCode: null, signal: 'SIGHUP' });
    }
  });
});
