import { nodeProgram } from '../programs.ts';
import type { Case, Question } from '../question.ts';

const MANAGER = '@em, after()';
const NODE = 'setTimeout';
const TIMER_FD = '@em, a TimerFd each';

export const timers: Question = {
  name: 'timers',
  title: '10,000 timers are set, then cancelled',
  cases: [setAndCancel('all with the same delay', 0), setAndCancel('delays within ten seconds', 10_000)],
};

function setAndCancel(title: string, spreadMs: number): Case {
  return {
    title,
    operation: 'timer',
    metrics: ['cpuNs', 'wallNs'],
    contestants: [
      nodeProgram(MANAGER, 'timers', 'manager', String(spreadMs)),
      nodeProgram(NODE, 'timers', 'node', String(spreadMs)),
      nodeProgram(TIMER_FD, 'timers', 'timer-fd', String(spreadMs)),
    ],
    targets: [
      { claim: 'at most 1.5 times setTimeout', metric: 'cpuNs', of: MANAGER, to: NODE, bound: { atMost: 1.5 } },
      {
        claim: 'a TimerFd each costs at least 20 times as much',
        metric: 'cpuNs',
        of: MANAGER,
        to: TIMER_FD,
        bound: { atMost: 0.05 },
      },
    ],
  };
}
