// Runs the programs in docs/*.md, and compares their output.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProgramFolder } from '../support/program-folder.js';

const root = join(import.meta.dirname, '../../../..');
const docs = join(root, 'docs');
let folder: ProgramFolder;

beforeAll(() => {
  folder = new ProgramFolder();
});

afterAll(() => {
  folder.remove();
});

describe.each([
  ['guide', ['Further']],
  ['troubleshooting', []],
  [
    'tracing',
    [
      'What is recorded',
      'Why does the loop spin?',
      'See it on a time line',
      'Replay a recording in a test',
      'Monitor with diagnostics_channel',
    ],
  ],
])('docs/%s.md', (name, unlisted) => {
  const text = page(name);
  const programs = [...text.matchAll(/^```ts\n(.*?)^```$/gms)];
  const pairs = text.matchAll(/^```ts\n(.*?)^```\n\n```text\n(.*?)^```$/gms);
  const printed = Array.from(pairs, ([, program = '', output = '']) => ({ program, output }));

  test('shows the output of each program', () => {
    expect(programs.length).toBeGreaterThan(0);
    expect(printed).toHaveLength(programs.length);
  });

  test.each(printed)('has programs that print the output shown: %#', ({ program, output }) => {
    expect(folder.run(program)).toBe(output);
  });

  test('has the headings that it lists', () => {
    const listed = [...text.matchAll(/^- \[(.*)\]\(#.*\)$/gm)].map(([, title]) => title);
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect([...listed, ...unlisted]).toEqual(headings);
  });
});

test('README.md has a program that prints the output shown, and needs no `using`, which Node 22 does not have', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [, program = '', output] = /^```js\n(.*?)^```\n\n```text\n(.*?)^```$/ms.exec(text) ?? [];
  expect(program).not.toMatch(/^\s*using /m);
  expect(folder.run(program)).toBe(output);
});

test('docs/coming-from-epoll.md has a program that prints the output shown', () => {
  const epoll = page('coming-from-epoll');
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(epoll) ?? [];
  const [, output] = /^```text\n(.*?)^```$/ms.exec(epoll) ?? [];
  expect(folder.run(program, 'hello\n')).toBe(output);
});

test('docs/coming-from-rust.md has a program that prints the output shown', () => {
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(page('coming-from-rust')) ?? [];
  expect(folder.run(program)).toBe(`${/console\.log\(.*\); \/\/ (.*)/.exec(program)?.[1]}\n`);
});

function page(name: string): string {
  return readFileSync(join(docs, `${name}.md`), 'utf8');
}
