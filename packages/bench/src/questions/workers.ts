import { compileProgram } from '../compile.ts';
import {
  appCommand,
  C_ECHO,
  EM_ECHO_SERVER,
  EM_WAIT,
  echoAtRate,
  echoContestant,
  onNode,
  type Server,
} from '../echo.ts';
import type { Case, Question } from '../question.ts';
import { spread } from '../spread.ts';

const RATE = 10_000;
const LOAD = { connections: 100, bytes: 64, idle: 0 };

/** Each worker of the echo server has a listener of its own, by SO_REUSEPORT. The others share one, with EXCLUSIVE. */
const IN_TWO_THREADS: readonly Server[] = [
  { name: 'C, 2 threads', command: async () => [await compileProgram('echo-server'), '2'] },
  { name: '@em/echo-server --workers 2', command: appCommand('--port=0', '--workers=2') },
  onNode('@em wait(), 2 threads', 'echo-em', 'wait', '2'),
  onNode('@em run(), 2 threads', 'echo-em', 'run', '2'),
];
const SERVERS = [C_ECHO, EM_ECHO_SERVER, EM_WAIT, ...IN_TWO_THREADS];

export const workers: Question = {
  name: 'workers',
  title: 'A TCP echo server in one thread and in two, which have a listener each or share one',
  cases: [
    {
      title: '100 × 64 B',
      operation: 'message',
      metrics: ['cpuNs', 'wallNs'],
      contestants: SERVERS.map((server) => echoContestant(server, LOAD)),
    },
    {
      title: '10,000 messages per second',
      operation: 'message',
      metrics: ['cpuNs', 'p50Ns', 'p99Ns', 'p999Ns'],
      contestants: SERVERS.map((server) => echoAtRate(server, LOAD, () => Promise.resolve(RATE))),
    },
    ...[100, 1_000].flatMap((connections) => [
      balanceCase(connections, 'one after the other'),
      balanceCase(connections, 'all at once'),
    ]),
  ],
  effort: (asked) => ({ ...asked, rounds: Math.ceil(asked.rounds / 2), roundMs: asked.roundMs * 4 }),
};

function balanceCase(connections: number, pace: 'one after the other' | 'all at once'): Case {
  return {
    title: `${connections.toLocaleString('en')} connections, ${pace}`,
    operation: 'round',
    metrics: ['busiestPart'],
    contestants: IN_TWO_THREADS.map((server) => spread(server, connections, pace === 'all at once')),
  };
}
