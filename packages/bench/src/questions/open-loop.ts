import { BUN_LISTEN, C_ECHO, EM_ECHO_SERVER, EM_WAIT, echoAtRate, NODE_NET, type Rate, throughputOf } from '../echo.ts';
import type { Case, Question, Target } from '../question.ts';

const SERVERS = [C_ECHO, EM_ECHO_SERVER, EM_WAIT, NODE_NET, BUN_LISTEN];
const LOAD = { connections: 100, bytes: 64, idle: 0 };
const QUIET_RATE = 10_000;

let measured: Promise<number> | undefined;

export const openLoop: Question = {
  name: 'open-loop',
  title: 'A TCP echo server on the loopback, whose 100 clients send at a fixed rate, however fast it answers',
  cases: [
    rateCase('10,000 messages per second', () => Promise.resolve(QUIET_RATE), [
      target('CPU time at most 1.25 times the C loop', C_ECHO.name, 1.25),
      target('CPU time below that of Bun', BUN_LISTEN.name, 1),
    ]),
    ...[0.25, 0.5, 0.75].map((part) => rateCase(`${part * 100} % of what C can do`, partOfCapacity(part))),
  ],
  effort: ({ rounds, roundMs, warmUpMs }) => ({ rounds: Math.ceil(rounds / 2), roundMs: roundMs * 4, warmUpMs }),
};

function rateCase(title: string, rate: Rate, targets: readonly Target[] = []): Case {
  return {
    title,
    operation: 'message',
    metrics: ['cpuNs', 'p50Ns', 'p99Ns', 'p999Ns'],
    contestants: SERVERS.map((server) => echoAtRate(server, LOAD, rate)),
    targets,
  };
}

function target(claim: string, to: string, atMost: number): Target {
  return { claim, metric: 'cpuNs', of: EM_ECHO_SERVER.name, to, bound: { atMost } };
}

/** The capacity is what the C loop can do with one message under way per connection. It is measured once. */
function partOfCapacity(part: number): Rate {
  return async () => {
    measured ??= throughputOf(C_ECHO, LOAD);
    return part * (await measured);
  };
}
