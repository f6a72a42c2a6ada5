import type { Frame } from '../../simulator/model/program.ts';
import { formatStep } from '../../simulator/model/step.ts';

/** What a program can see of a run: it does not see the lists of the kernel, nor which numbers it has. */
export function visible(frames: readonly Frame[]): readonly string[] {
  return frames.map(({ step, outcome, subscriptions }) => {
    const calls = subscriptions.map(({ name, reports }) => `${name} ${reports.length}`).join(', ');
    const result = outcome.replace(/has the numbers? .*/, 'is open');
    return `${step === undefined ? '' : formatStep(step)}: ${result} (${calls})`;
  });
}
