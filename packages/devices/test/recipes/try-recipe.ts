import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** Runs a recipe. Returns what it prints, and what its page says that it prints. */
export function tryRecipe(name: string): { printed: string; expected: string | undefined } {
  const program = readFileSync(join(root, 'examples/recipes', `${name}.ts`), 'utf8');
  const page = readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
  const options = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '--eval', program];
  const printed = execFileSync(process.execPath, options, { cwd: import.meta.dirname, encoding: 'utf8' });
  return { printed, expected: /^```text\n(.*?)^```$/ms.exec(page)?.[1] };
}
