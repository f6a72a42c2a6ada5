import { expect, test } from 'vitest';
import { tryRecipe } from './try-recipe.js';

test.each(['can', 'pressure', 'tun'])('the recipe %s prints the output on its page', (name) => {
  const { printed, expected } = tryRecipe(name);
  expect(printed).toBe(expected);
});
