import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const doc = readFileSync(join(import.meta.dirname, '../../../docs/coming-from-rust.md'), 'utf8');
const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(doc) ?? [];

test('the counter in docs/coming-from-rust.md counts as it says', () => {
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
  expect(execFileSync(process.execPath, options, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' })).toBe(
    `${/console\.log\(.*\); \/\/ (.*)/.exec(program)?.[1]}\n`,
  );
});
