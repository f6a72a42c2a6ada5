import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { helpText, readOptions } from '../../stress/options.js';
import { SCENARIOS } from '../../stress/scenarios/index.js';
import type { Outcome } from './server-process.js';

const MAIN = fileURLToPath(new URL('../../stress/main.ts', import.meta.url));

async function runStress(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

async function passes({ name }: { readonly name: string }): Promise<void> {
  const { code, stdout, stderr } = await runStress(name, '--size', 'smoke');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(new RegExp(`^\\| ${name} \\|`, 'm'));
}

/** Its server has deadlines. The load of the other scenarios would make its clients miss them. */
const ALONE = ['combined'];

describe.concurrent('pnpm test:stress, with a little of everything', () => {
  test.each(SCENARIOS.filter(({ name }) => !ALONE.includes(name)))('$name: $title', passes);
});

describe('pnpm test:stress, with a little of what must run alone', () => {
  test.each(SCENARIOS.filter(({ name }) => ALONE.includes(name)))('$name: $title', passes);
});

describe('pnpm test:stress', () => {
  test('lists the scenarios and sizes', async () => {
    const { code, stdout } = await runStress('--list');
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(' ', 1)[0]),
    ).toEqual(SCENARIOS.map(({ name }) => name));
    expect(helpText(SCENARIOS)).toContain(stdout.trim());
  });

  test.each([
    [['flod'], 'There is no scenario called flod; there are: integrity, '],
    [['--size', 'huge'], 'There is no size huge; there are: smoke, middle, full'],
    [['--seed', '4294967296'], '--seed must be an integer from 0 to 4294967295, not 4294967296'],
    [['--processes', '1.5'], '--processes must be an integer from 1 to 64, not 1.5'],
    [['--quick'], "Unknown option '--quick'"],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args, SCENARIOS)).toThrow(message);
  });

  test('exits with 2 if its arguments are wrong', async () => {
    const { code, stdout, stderr } = await runStress('flod');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^There is no scenario called flod; .*\nSee --help\.\n$/);
  });
});
