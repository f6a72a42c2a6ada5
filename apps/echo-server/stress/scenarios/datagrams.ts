import { deepEqual, equal } from 'node:assert/strict';
import { Random } from '../clients/random.ts';
import { divideDatagrams } from '../fleet.ts';
import { count, megabytes, seconds } from '../format.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { datagramsLostAt } from '../server/process-figures.ts';
import { Stage } from '../stage.ts';

interface Extent {
  readonly sources: number;
  /** The step between sizes. */
  readonly step: number;
  /** The number of additional empty datagrams. */
  readonly empty: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: { sources: 50, step: 257, empty: 50 },
  middle: { sources: 500, step: 17, empty: 1000 },
  full: { sources: 2000, step: 1, empty: 10_000 },
};
/** The largest datagram of IPv4: 65,535 bytes less 20 of the IP header and 8 of the UDP header. */
const LARGEST = 65_507;
/** The default of `net.core.rmem_default` on Linux. */
const QUEUE_BYTES = 212_992;
/** Each has a datagram of the largest size under way at times, and only two of these fit. */
const MOST_PROCESSES = 2;

export const datagrams: Scenario = {
  name: 'datagrams',
  title: 'Datagrams of all sizes, from 2,000 simultaneous sources',

  async run(trial: Trial): Promise<readonly Figure[]> {
    const { sources, step, empty } = EXTENTS[trial.size];
    await using stage = await Stage.open(trial, { listen: ['udp://127.0.0.1:0'] });
    const { server } = stage;
    const { seed, processes } = trial;
    const sizes = shuffled([...sizesOf(step), ...Array<number>(empty).fill(0)], seed);
    const plan = { port: server.port, seed, clients: sources, sizes, underwayBytes: QUEUE_BYTES };
    const fleet = stage.send(divideDatagrams(plan, Math.min(processes, MOST_PROCESSES)));
    await fleet.reach('ready');
    const start = performance.now();
    fleet.send({ kind: 'go' });
    const tally = await fleet.reach('done');
    const tookMs = performance.now() - start;
    deepEqual(tally.failures, []);
    equal(tally.messages, sizes.length);
    const { figures, statistics } = await stage.comeToRest();
    const { datagramsReceived, datagramsSent, datagramsDropped } = statistics;
    deepEqual(
      { datagramsReceived, datagramsSent, datagramsDropped },
      { datagramsReceived: sizes.length, datagramsSent: sizes.length, datagramsDropped: 0 },
    );
    equal(datagramsLostAt(server.pid, server.port), 0);
    await stage.stop();
    return [
      ['datagrams that came back complete to their source', count(tally.messages)],
      ['of which empty', count(sizes.filter((size) => size === 0).length)],
      ['sizes', `${count(new Set(sizes).size)} from 0 to ${count(Math.max(...sizes))}`],
      ['simultaneous sources', count(sources)],
      ['compared bytes', megabytes(tally.bytes)],
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};

/** Sizes from 0 to the largest. */
function sizesOf(step: number): number[] {
  const sizes = Array.from({ length: Math.ceil(LARGEST / step) }, (_, i) => i * step);
  return [...sizes, LARGEST];
}

function shuffled(sizes: readonly number[], seed: number): number[] {
  const random = new Random(seed);
  return sizes
    .map((size) => [random.fraction(), size] as const)
    .sort(([one], [other]) => one - other)
    .map(([, size]) => size);
}
