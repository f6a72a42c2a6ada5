import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProgramFolder } from '../support/program-folder.js';
import { NEED_DEVICES, NEED_PACKAGES, outputOf, recipe } from '../support/recipes.js';

let folder: ProgramFolder;

beforeAll(() => {
  folder = new ProgramFolder();
});

afterAll(() => {
  folder.remove();
});

test.each(NEED_DEVICES.filter((name) => !NEED_PACKAGES.includes(name)))('%s prints the output on its page', (name) => {
  expect(folder.run(recipe(name))).toBe(outputOf(name));
});
