import { expect, test } from 'vitest';
import { GpioSim } from '../gpio/gpio-sim.js';
import { tryRecipe } from './try-recipe.js';

test.each(['can', 'input-device', 'pressure', 'tun'])('the recipe %s prints the output on its page', (name) => {
  const { printed, expected } = tryRecipe(name);
  expect(printed).toBe(expected);
});

test('the recipe gpio-button prints the output on its page', () => {
  using _chip = new GpioSim(['BUTTON'], 'panel');
  const { printed, expected } = tryRecipe('gpio-button');
  expect(printed).toBe(expected);
});
