import { equal, ok } from 'node:assert/strict';
import { until } from '../../test/until.ts';
import { count, listed, percent, seconds } from '../format.ts';
import { expectNothingLost, POLITE } from '../hostile.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { Stage } from '../stage.ts';

interface Extent {
  readonly clients: number;
  readonly messages: number;
  readonly measuredMs: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: { clients: 100, messages: 50, measuredMs: 500 },
  middle: { clients: 200, messages: 1000, measuredMs: 2000 },
  full: { clients: 500, messages: 2000, measuredMs: 10_000 },
};
const OPEN_FILES = 64;
/** A busy loop uses a whole CPU. */
const HARDLY_ANY = 0.3;
const WARNING = 'new connections must wait';

export const exhausted: Scenario = {
  name: 'exhausted',
  title: 'A limit of 64 files, and more clients than that',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial, { openFiles: OPEN_FILES });
    const { server } = stage;
    const { clients, messages, measuredMs } = EXTENTS[trial.size];
    const cpuEmpty = await server.cpuShare(measuredMs);
    const groups = [{ count: clients, conversation: { ...POLITE, messages, mostBytes: 4096, isHeld: true } }];
    const fleet = stage.streams(groups, { together: false, atOnce: clients });
    await until('the server logs that clients must wait', () =>
      server.problems().some((text) => text.startsWith(WARNING)),
    );
    await fleet.until(({ served }) => served > 0 && served === server.sockets);
    const atOnce = server.sockets;
    ok(atOnce < OPEN_FILES);
    const cpuFull = await server.cpuShare(measuredMs);
    ok(cpuFull < HARDLY_ANY, `the idle server uses ${percent(cpuFull)} of a CPU`);
    const start = performance.now();
    const tally = await fleet.until(() => {
      fleet.send({ kind: 'release' });
      return fleet.ended === clients;
    });
    const tookMs = performance.now() - start;
    expectNothingLost(groups, tally);
    const { figures, statistics } = await stage.comeToRest();
    server.kill('SIGTERM');
    equal(await server.exitCode(), 0);
    const [problem = '', ...others] = server.problems();
    ok(problem.startsWith(`${WARNING}: EMFILE`), problem);
    equal(others.join(), '');
    return [
      ['clients, of which connected at once', listed(count, clients, atOnce)],
      ['messages that came back complete', count(tally.messages)],
      ['CPU without clients, full with clients waiting', listed(percent, cpuEmpty, cpuFull)],
      ['time from the first client that leaves until all were served', seconds(tookMs)],
      ['log messages, pauses', `1, ${count(statistics.acceptPauses)}`],
      ...figures,
    ];
  },
};
