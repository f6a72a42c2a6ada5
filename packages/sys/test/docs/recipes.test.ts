import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testIf } from '../support/named-skip.js';
import { ProgramFolder } from '../support/program-folder.js';
import { MISSING, NEED_DEVICES, NEED_PACKAGES, outputOf, pageOf, RECIPES, recipe } from '../support/recipes.js';

const docs = join(import.meta.dirname, '../../../../docs/recipes');
const pages = globSync('*.md', { cwd: docs })
  .map((file) => basename(file, '.md'))
  .filter((name) => name !== 'README');
let folder: ProgramFolder;

beforeAll(() => {
  folder = new ProgramFolder();
});

afterAll(() => {
  folder.remove();
});

test('every recipe has a page, and every page has a recipe', () => {
  expect(pages.sort()).toEqual(RECIPES);
});

test('every page is in the list, with its own title', () => {
  const list = readFileSync(join(docs, 'README.md'), 'utf8');
  const links = [...list.matchAll(/\[(.*?)\]\((.*?)\.md\)/g)].map(([, title, name]) => `${name}: ${title}`);
  expect(links.sort()).toEqual(pages.map((name) => `${name}: ${/^# (.*)/.exec(pageOf(name))?.[1]}`).sort());
});

for (const name of RECIPES.filter((other) => ![...NEED_DEVICES, ...NEED_PACKAGES].includes(other))) {
  testIf(MISSING[name], `${name} prints the output on its page`, () => {
    expect(folder.run(recipe(name))).toBe(outputOf(name));
  });
}
