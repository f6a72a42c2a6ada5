import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const recipes = globSync('*.ts', { cwd: join(root, 'examples/recipes') }).map((file) => basename(file, '.ts'));
const pages = globSync('*.md', { cwd: join(root, 'docs/recipes') }).map((file) => basename(file, '.md'));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-recipes-'));
  mkdirSync(join(folder, 'node_modules/@em'), { recursive: true });
  for (const name of ['core', 'sys']) {
    symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@em', name));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('every recipe has a page, and every page a recipe', () => {
  expect(pages.sort()).toEqual(recipes.sort());
});

test.each(recipes)('%s is as its page shows it, and prints what the page says', (name) => {
  const page = readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
  const file = join(root, 'examples/recipes', `${name}.ts`);
  expect(block(page, 'ts')).toBe(readFileSync(file, 'utf8'));
  const program = join(folder, `${name}.mts`);
  copyFileSync(file, program);
  const printed = execFileSync(process.execPath, [program], { encoding: 'utf8', timeout: 30_000 });
  expect(printed).toBe(block(page, 'text'));
});

function block(page: string, language: string): string | undefined {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
}
