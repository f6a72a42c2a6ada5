import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const doc = readFileSync(join(import.meta.dirname, '../../../../docs/fd-life-cycle.md'), 'utf8');
const [, program = '', printed] = /^```ts\n([^`]*? EventManager.*?)^```\n\n```text\n(.*?)^```$/ms.exec(doc) ?? [];

test('the program in docs/fd-life-cycle.md finds the orphan that it makes', () => {
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
  expect(execFileSync(process.execPath, options, { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' })).toBe(
    printed,
  );
});
