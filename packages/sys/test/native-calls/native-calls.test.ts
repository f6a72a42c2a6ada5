import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { CALLS, type NativeName } from './calls.js';
import { CASES } from './cases.js';
import { Files } from './files.js';

const names = Object.keys(CALLS) as NativeName[];
let child: ChildProcess;

beforeAll(() => {
  child = spawn('sleep', ['600'], { stdio: 'ignore' });
});

afterAll(() => {
  child.kill('SIGKILL');
});

test('the table has every function of the addon', () => {
  const functions = Object.entries(binding()).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name).sort()).toEqual([...names].sort());
});

describe.each(names)('the native %s()', (name) => {
  test.each(Object.entries(CASES))('%s', async (_, attempt) => {
    const before = openFiles();
    {
      using files = new Files(binding(), child.pid ?? -1);
      attempt(files, name);
    }
    await expectOpened(before);
  });
});
