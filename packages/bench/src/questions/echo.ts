import { BUN_LISTEN, C_ECHO, EM_ECHO_SERVER, EM_RUN, EM_WAIT, echoContestant, type Load, NODE_NET } from '../echo.ts';
import type { Case, Question, Target } from '../question.ts';

const SERVERS = [C_ECHO, EM_ECHO_SERVER, EM_RUN, EM_WAIT, NODE_NET, BUN_LISTEN];
const SERVER = EM_ECHO_SERVER.name;

export const echo: Question = {
  name: 'echo',
  title: 'A TCP echo server on the loopback, each connection with one message under way',
  cases: [
    echoCase({ connections: 50, bytes: 64, idle: 0 }),
    echoCase({ connections: 500, bytes: 64, idle: 0 }, [
      {
        claim: 'run() costs at most 1.1 times wait() in a loop',
        metric: 'cpuNs',
        of: EM_RUN.name,
        to: EM_WAIT.name,
        bound: { atMost: 1.1 },
      },
    ]),
    echoCase({ connections: 50, bytes: 16_384, idle: 0 }),
    echoCase({ connections: 200, bytes: 64, idle: 8_000 }),
  ],
  effort: (asked) => ({ ...asked, rounds: Math.ceil(asked.rounds / 2), roundMs: asked.roundMs * 4 }),
};

function echoCase(load: Load, more: readonly Target[] = []): Case {
  const { connections, bytes, idle } = load;
  const size = bytes < 1_024 ? `${bytes} B` : `${bytes / 1_024} kB`;
  return {
    title: `${connections} × ${size}${idle > 0 ? `, ${idle.toLocaleString('en')} idle` : ''}`,
    operation: 'message',
    metrics: ['cpuNs', 'wallNs'],
    contestants: SERVERS.map((server) => echoContestant(server, load)),
    targets: [
      target('CPU time at most 1.1 times the C loop', C_ECHO.name, { atMost: 1.1 }),
      {
        claim: 'throughput at least 0.95 of the C loop',
        metric: 'wallNs',
        of: SERVER,
        to: C_ECHO.name,
        bound: { rateAtLeast: 0.95 },
      },
      target('CPU time below that of Bun', BUN_LISTEN.name, { atMost: 1 }),
      target('CPU time at most 0.6 of node:net', NODE_NET.name, { atMost: 0.6 }),
      ...more,
    ],
  };
}

function target(claim: string, to: string, bound: Target['bound']): Target {
  return { claim, metric: 'cpuNs', of: SERVER, to, bound };
}
