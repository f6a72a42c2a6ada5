import { expect, describe as group, test } from 'vitest';
import { formatAddress, parseAddress, startOf } from '../../simulator/address.ts';
import { codeOf, LANGUAGES } from '../../simulator/model/code.ts';
import { describe } from '../../simulator/model/describe.ts';
import { FakeWorld } from '../../simulator/model/fake-world.ts';
import { type Frame, run } from '../../simulator/model/program.ts';
import { formatStep, parseStep } from '../../simulator/model/step.ts';
import { SCENES, type Scene } from '../../simulator/scenes.ts';
import { KernelWorld, lackOf } from './kernel-world.ts';

const onFake = (scene: Scene): readonly Frame[] => run(scene.steps.map(parseStep), new FakeWorld());

/** What a program can see of a run: it does not see the lists of the kernel, nor which numbers it has. */
const visible = (frames: readonly Frame[]): readonly string[] =>
  frames.map(({ step, outcome, subscriptions }) => {
    const calls = subscriptions.map(({ name, reports }) => `${name} ${reports.length}`).join(', ');
    const result = outcome.replace(/has the numbers? .*/, 'is open');
    return `${step === undefined ? '' : formatStep(step)}: ${result} (${calls})`;
  });

group.each(SCENES)('$id', (scene) => {
  test('ends with the picture that it promises', () => {
    expect(describe(onFake(scene).at(-1) as Frame)).toEqual(scene.ending);
  });

  const lack = lackOf(scene);
  test.skipIf(lack !== undefined)(`is the same on the kernel${lack === undefined ? '' : ` (skipped: ${lack})`}`, () => {
    expect(visible(run(scene.steps.map(parseStep), new KernelWorld()))).toEqual(visible(onFake(scene)));
  });

  test('can be played in every language, and has an address for every step', () => {
    const frames = onFake(scene);
    const { steps } = startOf(scene);
    for (const [index, step] of steps.entries()) {
      expect(parseStep(formatStep(step))).toEqual(step);
      for (const language of LANGUAGES) {
        expect(codeOf(step, frames[index], language)).toMatch(/\S/);
        const position = { ...startOf(scene, language), at: index + 1 };
        expect(parseAddress(formatAddress(position))).toEqual(position);
        expect(parseAddress(formatAddress({ ...position, scene: undefined }))).toEqual({
          ...position,
          scene: undefined,
        });
      }
    }
  });
});

test('the scenes have addresses of their own, and questions as titles', () => {
  expect(new Set(SCENES.map(({ id }) => id)).size).toBe(10);
  for (const { title } of SCENES) {
    expect(title).toMatch(/\?$/);
  }
});
