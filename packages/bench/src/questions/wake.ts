import { programContestant } from '../child.ts';
import { compileAddon } from '../compile.ts';
import { nativeCommand, nodeCommand, onOneProcessor } from '../programs.ts';
import type { Case, Question } from '../question.ts';

const C = 'C loop';
const WAIT = '@em wait()';
const RUN = '@em run()';

const COMMANDS = [
  [C, nativeCommand('wake')],
  [WAIT, nodeCommand('wake', 'wait')],
  [RUN, nodeCommand('wake', 'run')],
  ['bare uv_poll', nodeCommand('wake', 'uv-poll', () => compileAddon('uv-poll'))],
  ['Atomics.wait', nodeCommand('wake', 'atomics')],
  ['postMessage', nodeCommand('wake', 'post-message')],
] as const;

/**
 * On two processors, the kernel takes most of the time of a wake, to wake a processor. That depends on how deeply the
 * processor sleeps, and on where the kernel places the threads. So it is only shown. On one processor, which does not sleep
 * meanwhile, a wake is what the two loops do, and a change of threads. The targets are for that.
 */
export const wake: Question = {
  name: 'wake',
  title: 'Two threads wake each other in turns, each asleep until it is woken',
  cases: [
    {
      title: 'there and back, on one processor',
      ...inTurns(onOneProcessor),
      targets: [
        { claim: 'run() costs at most 1.4 times C', metric: 'cpuNs', of: RUN, to: C, bound: { atMost: 1.4 } },
        { claim: 'wait() costs at most 1.1 times C', metric: 'cpuNs', of: WAIT, to: C, bound: { atMost: 1.1 } },
      ],
    },
    { title: 'there and back, as the kernel places the threads', ...inTurns(programContestant) },
  ],
};

function inTurns(contestant: typeof onOneProcessor): Pick<Case, 'operation' | 'metrics' | 'contestants'> {
  return {
    operation: 'round trip',
    metrics: ['cpuNs', 'wallNs'],
    contestants: COMMANDS.map(([name, command]) => contestant(name, command)),
  };
}
