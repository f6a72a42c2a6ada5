import { spawnSync } from 'node:child_process';
import { EventFd } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { Pty } from '../../src/pty.js';
import { Termios, type TermiosWhen } from '../../src/termios.js';
import { raises } from '../support/raises.js';

const COMPILERS = { x64: 'g++', arm64: 'aarch64-linux-gnu-g++' };

describe.each(Object.entries(COMPILERS))('on %s', (_, compiler) => {
  test.skipIf(spawnSync(compiler, ['--version']).error !== undefined)('the constants are those of the kernel', () => {
    const names = Object.keys(Termios.constants);
    const source = ['#include <asm/termbits.h>', ...names.map((name) => `em ${name} = (${name}) + 0;`)].join('\n');
    const { stdout } = spawnSync(compiler, ['-E', '-P', '-'], { input: source, encoding: 'utf8' });
    const values = Array.from(stdout.matchAll(/^em .* = \((\w+)\) \+ 0;$/gm), ([, value]) => Number(value));
    expect(values).toEqual(Object.values(Termios.constants));
  });
});

test('settings can be read and changed', () => {
  using pty = Pty.open();
  const before = Termios.get(pty.fd);
  const { ECHO } = Termios.constants;
  expect(before.c_lflag & ECHO).not.toBe(0);
  for (const when of ['now', 'drain', 'flush'] as const) {
    Termios.set(pty.fd, { ...before, c_lflag: before.c_lflag & ~ECHO }, when);
    expect(Termios.get(pty.fd).c_lflag & ECHO).toBe(0);
    Termios.set(pty.fd, before, when);
    expect(Termios.get(pty.fd)).toEqual(before);
  }
});

test('a file that is no terminal, and a wrong moment, are refused', () => {
  using eventFd = new EventFd();
  expect(raises(() => Termios.get(eventFd.fd)).code).toBe('ENOTTY');
  using pty = Pty.open();
  const settings = Termios.get(pty.fd);
  expect(raises(() => Termios.set(pty.fd, settings, 'later' as TermiosWhen)).code).toBe('ERR_OUT_OF_RANGE');
});
