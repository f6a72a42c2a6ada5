// Checks the English of the repository: `node tools/prose/check.ts`, or of some folders and files, `… packages/core
// docs`.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './prose.ts';
import { unfinished } from './unfinished.ts';

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

const rooms = Object.keys(unfinished);
const counts = new Map<string, number>();
for (const path of files) {
  const room = chosen.length > 0 ? undefined : rooms.find((room) => `${path}/`.startsWith(`${room}/`));
  const findings = check(path, readFileSync(join(root, path), 'utf8'));
  if (room !== undefined) {
    counts.set(room, (counts.get(room) ?? 0) + findings.length);
  } else if (findings.length > 0) {
    process.exitCode = 1;
    process.stderr.write(findings.map((it) => `${path}:${it.line}: "${it.text}": write ${it.instead}\n`).join(''));
  }
}
for (const [room, count] of counts) {
  const most = unfinished[room] ?? 0;
  if (count > most) {
    process.exitCode = 1;
    console.error(`${room}: ${count} findings, more than the ${most} there were: node tools/prose/check.ts ${room}`);
  }
}
if (counts.size > 0) {
  const sum = Array.from(counts.values()).reduce((a, b) => a + b, 0);
  console.log(`prose: ${sum} findings are left in ${Array.from(counts.keys()).join(', ')}`);
}
