import { expect, test } from 'vitest';
import { nextStep } from '../../simulator/model/clock.ts';
import { FakeWorld } from '../../simulator/model/fake-world.ts';
import { type Frame, run } from '../../simulator/model/program.ts';
import { parseStep } from '../../simulator/model/step.ts';

/** What the clock does after these steps, at most four times. */
function turnsAfter(...texts: string[]): readonly string[] {
  const steps = [...texts];
  while (steps.length < texts.length + 4) {
    const program = steps.map(parseStep);
    const next = nextStep(run(program, new FakeWorld()).at(-1) as Frame, program);
    if (next === undefined) {
      break;
    }
    steps.push(next);
  }
  return steps.slice(texts.length);
}

test.each([
  ['nothing while nothing happens', ['eventfd e', 'watch e IN'], []],
  ['one wait for an edge', ['eventfd e', 'watch e IN EDGE_TRIGGERED', 'write e 1'], ['wait']],
  ['waits for a level until it is read', ['eventfd e', 'watch e IN', 'write e 1'], ['wait', 'wait', 'wait', 'wait']],
  ['nothing for what was read', ['eventfd e', 'watch e IN', 'write e 1', 'read e all'], []],
  [
    'nothing but the time until a timer, then a wait',
    ['timer t', 'watch t IN EDGE_TRIGGERED', 'arm t 10', 'pass 4'],
    ['pass 6', 'wait'],
  ],
  [
    'the wait of each instance in turn',
    ['eventfd e', 'instance a', 'instance b', 'watch e in a as x IN', 'watch e in b as y IN', 'write e 1', 'wait a'],
    ['wait b', 'wait a', 'wait b', 'wait a'],
  ],
] as const)('the clock takes %s', (_, steps, expected) => {
  expect(turnsAfter(...steps)).toEqual(expected);
});
