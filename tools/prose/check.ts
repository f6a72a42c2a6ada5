// Checks the English of the repository: `node tools/prose/check.ts`, or of some folders and files, `… packages/core
// docs`.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './prose.ts';

const root = join(import.meta.dirname, '../..');
const chosen = process.argv.slice(2).map((path) => path.replace(/\/$/, ''));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...chosen], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(md|jsonc|[cm]?[jt]s|cc|c|h|gyp|sh|yml|yaml|service|socket)$|^\.ci\/run$/.test(path))
  // Generated, or about the English itself.
  .filter((path) => !/\/api\.md$|^pnpm-lock\.yaml$|^tools\/prose\/(patterns|prose\.test)\.ts$/.test(path));

for (const path of files) {
  for (const { line, text, instead } of check(path, readFileSync(join(root, path), 'utf8'))) {
    process.exitCode = 1;
    console.error(`${path}:${line}: "${text}": write ${instead}`);
  }
}
