import { equal } from 'node:assert/strict';
import { count, seconds } from '../format.ts';
import { clientsOf, expectNothingLost, POLITE } from '../hostile.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { cpuMsOf } from '../server/process-figures.ts';
import { Stage } from '../stage.ts';

const CONNECTIONS: Readonly<Record<Size, number>> = { smoke: 2000, middle: 20_000, full: 100_000 };
/** One of this number of connections is reset before it is accepted. */
const ABORTED = 10;

export const flood: Scenario = {
  name: 'flood',
  title: '100,000 short connections, a tenth of which are reset before they are accepted',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial);
    const { server } = stage;
    const total = CONNECTIONS[trial.size];
    const groups = [
      { count: total - total / ABORTED, conversation: POLITE },
      { count: total / ABORTED, conversation: { ...POLITE, ending: 'abort' } as const },
    ];
    const start = performance.now();
    const cpuBefore = cpuMsOf(server.pid);
    const tally = await stage.streams(groups, { together: false, atOnce: 100 }).reach('done');
    const tookMs = performance.now() - start;
    const cpuMs = cpuMsOf(server.pid) - cpuBefore;
    expectNothingLost(groups, tally);
    const { figures, statistics } = await stage.comeToRest();
    equal(statistics.accepted, clientsOf(groups));
    equal(statistics.bytesSent, tally.bytes);
    await stage.stop();
    return [
      ['connections with one message each', count(tally.whole)],
      ['connections that were reset at once', count(tally.resets)],
      ['connections per second', count((total / tookMs) * 1000)],
      ['CPU time of the server per connection', `${count((cpuMs / total) * 1000)} µs`],
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};
