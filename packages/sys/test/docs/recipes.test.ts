import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lackOfCapability, testIf } from '../support/named-skip.js';
import { ProgramFolder } from '../support/program-folder.js';

const root = join(import.meta.dirname, '../../../..');
const recipes = globSync('*.ts', { cwd: join(root, 'examples/recipes') }).map((file) => basename(file, '.ts'));
const pages = globSync('*.md', { cwd: join(root, 'docs/recipes') })
  .map((file) => basename(file, '.md'))
  .filter((name) => name !== 'README');
/** What recipes need that not every machine has, and what is missing here. */
const missing: Readonly<Record<string, string | undefined>> = {
  can: existsSync('/sys/class/net/vcan0') ? undefined : 'no vcan0',
  packet: lackOfCapability('CAP_NET_RAW'),
};
let folder: ProgramFolder;

beforeAll(() => {
  folder = new ProgramFolder();
});

afterAll(() => {
  folder.remove();
});

test('every recipe has a page, and every page a recipe', () => {
  expect(pages.sort()).toEqual(recipes.sort());
});

test('every page is in the list, under its own title', () => {
  const list = readFileSync(join(root, 'docs/recipes/README.md'), 'utf8');
  const links = [...list.matchAll(/\[(.*?)\]\((.*?)\.md\)/g)].map(([, title, name]) => `${name}: ${title}`);
  expect(links.sort()).toEqual(pages.map((name) => `${name}: ${/^# (.*)/.exec(pageOf(name))?.[1]}`).sort());
});

test.each(recipes)('%s is as its page shows it', (name) => {
  expect(block(pageOf(name), 'ts')).toBe(recipe(name));
});

for (const name of recipes) {
  testIf(missing[name], `${name} prints what its page says`, () => {
    expect(folder.run(recipe(name))).toBe(block(pageOf(name), 'text'));
  });
}

function recipe(name: string): string {
  return readFileSync(join(root, 'examples/recipes', `${name}.ts`), 'utf8');
}

function pageOf(name: string): string {
  return readFileSync(join(root, 'docs/recipes', `${name}.md`), 'utf8');
}

function block(page: string, language: string): string | undefined {
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1];
}
