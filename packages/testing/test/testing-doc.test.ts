import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FakePoller } from '@em/testing';
import { describe, expect, test } from 'vitest';
import { collect } from './collect.js';
import { fakeHarness } from './fake-harness.js';

const root = join(import.meta.dirname, '../../..');
const yours = readFileSync(join(root, 'docs/testing-your-code.md'), 'utf8');
const ours = readFileSync(join(root, 'docs/how-we-test.md'), 'utf8');
/** Those that are quoted from `examples` are tested there. */
const programs = Array.from(yours.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code);

describe('docs/testing-your-code.md', () => {
  test.each(programs)('has programs whose assertions hold: %#', async (program) => {
    const options = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
    await promisify(execFile)(process.execPath, options, { cwd: join(import.meta.dirname, '..') });
  });
});

describe('docs/how-we-test.md', () => {
  test('refers only to scenarios that exist in the contract suite', async () => {
    const { passed } = await collect(fakeHarness(() => new FakePoller()));
    const numbers = new Set(passed.map((name) => name.split(' ', 1)[0]));
    for (const [number] of ours.matchAll(/\b[CP]\d+\.\d+\b/g)) {
      expect(numbers).toContain(number);
    }
  });

  test('refers only to tests that exist', () => {
    const references = ours.matchAll(/`((?:core|sys|testing|apps\/[\w-]+\/test)\/[\w/-]+)`((?:,? "[^"]+")*)/g);
    for (const [, path = '', names = ''] of references) {
      const file = path.startsWith('apps/') ? path : path.replace('/', '/test/').replace(/^/, 'packages/');
      expect(existsSync(join(root, `${file}.test.ts`)), path).toBe(true);
      const text = readFileSync(join(root, `${file}.test.ts`), 'utf8');
      for (const [, name = ''] of names.matchAll(/"([^"]+)"/g)) {
        for (const part of name.split('…').filter((part) => part !== '')) {
          expect(text, path).toContain(part);
        }
      }
    }
  });
});
