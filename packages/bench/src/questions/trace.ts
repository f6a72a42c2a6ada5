import { ECHO_TRACED, EM_WAIT, echoContestant } from '../echo.ts';
import { nodeProgram } from '../programs.ts';
import type { Case, Question } from '../question.ts';

const PLAIN = '@em wait(0)';
const TRACED = '@em wait(0), traced';
const LOAD = { connections: 50, bytes: 64, idle: 0 };

/** What `trace` of `@em/testing` costs. */
export const trace: Question = {
  name: 'trace',
  title: 'A manager on a poller with a trace, compared with the same manager without one',
  cases: [
    {
      title: 'echo server, 50 × 64 B',
      operation: 'message',
      metrics: ['cpuNs', 'wallNs'],
      contestants: [EM_WAIT, ECHO_TRACED].map((server) => echoContestant(server, LOAD)),
      targets: [
        {
          claim: 'at most 1.05 times as much with a trace',
          metric: 'cpuNs',
          of: ECHO_TRACED.name,
          to: EM_WAIT.name,
          bound: { atMost: 1.05 },
        },
      ],
    },
    dispatchCase('200 ready, traced or not, callbacks do nothing', '200'),
    dispatchCase('1 ready, traced or not, callbacks do nothing', '1'),
  ],
};

/** Without a target: a callback that does nothing takes less time than to record it. */
function dispatchCase(title: string, fds: string): Case {
  return {
    title,
    operation: 'wait',
    metrics: ['cpuNs', 'wallNs'],
    contestants: [
      nodeProgram(PLAIN, 'dispatch', 'wait', 'no-op', fds, fds),
      nodeProgram(TRACED, 'dispatch', 'traced', 'no-op', fds, fds),
    ],
  };
}
