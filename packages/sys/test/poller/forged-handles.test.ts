import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Memory = 'shared' | 'plain' | 'genuine';
type Word = number | 'mark' | 'stranger';

const program = fileURLToPath(new URL('../programs/forged-handle.mjs', import.meta.url));
const CONTENT = 'this file must not change';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-forged-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Returns words of a linear congruential generator: the same words in each run. */
function randomWords(seed: number, count: number): number[] {
  const words: number[] = [];
  for (let word = seed; words.length < count; words.push(word)) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
  }
  return words;
}

const hostile: [string, Memory, Word[]][] = [
  ['nothing', 'shared', []],
  ['a zero', 'shared', [0]],
  ['zeros', 'shared', [0, 0, 0, 0]],
  ['-1', 'shared', [0xffffffff]],
  ['-2', 'shared', [0xfffffffe]],
  ['the fd of another file', 'shared', ['stranger']],
  ['the mark in memory that is not shared', 'plain', ['mark']],
  ['the mark, and more', 'shared', ['mark', 0]],
  ['a zero in genuine memory', 'genuine', [0]],
  ['-1 in genuine memory', 'genuine', [0xffffffff]],
  ['-2 in genuine memory', 'genuine', [0xfffffffe]],
  ['the fd of another file in genuine memory', 'genuine', ['stranger']],
  ...randomWords(1, 4).map((word): [string, Memory, Word[]] => [`random ${word}`, 'shared', [word]]),
  ...randomWords(2, 4).map((word): [string, Memory, Word[]] => [`random ${word} in genuine memory`, 'genuine', [word]]),
];

test.concurrent.each<[string, Memory, Word[], string]>([
  ...hostile.map(([title, ...rest]): [string, Memory, Word[], string] => [title, ...rest, 'ERR_INVALID_ARG_TYPE']),
  ['the mark alone', 'shared', ['mark'], 'ERR_EM_CLOSED'],
  ['the mark in genuine memory', 'genuine', ['mark'], 'woken'],
])(
  'a waker handle with %s in it writes to no other file, and blocks neither terminate() nor process.exit()',
  async (title, memory, words, outcome) => {
    const file = join(folder, title.replaceAll(/\W/g, '-'));
    writeFileSync(file, CONTENT);
    const line = ['-c', 'exec "$@" <>"$0"', file, process.execPath, program, JSON.stringify([memory, words])];
    const { stdout } = await promisify(execFile)('sh', line, { timeout: 30_000 });
    expect(stdout).toBe(`${outcome} ${outcome}\n`.repeat(2));
    expect(readFileSync(file, 'utf8')).toBe(CONTENT);
  },
);
