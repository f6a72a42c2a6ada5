import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

test.each(['fifo-to-gzip', 'terminal'])('the recipe %s prints the output on its page', (name) => {
  const program = readFileSync(join(root, 'examples/recipes', `${name}.ts`), 'utf8');
  const page = readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
  expect(execFileSync(process.execPath, options, { cwd: import.meta.dirname, encoding: 'utf8' })).toBe(
    /^```text\n(.*?)^```$/ms.exec(page)?.[1],
  );
});
