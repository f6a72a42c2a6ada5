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
/** A loop that does not sleep takes all of a CPU. */
const HARDLY_ANY = 0.3;
const COMPLAINT = 'new connections must wait';

export const exhausted: Scenario = {
  name: 'exhausted',
  title: 'As many files as there are, 64, and more clients than that',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial, { openFiles: OPEN_FILES });
    const { server } = stage;
    const { clients, messages, measuredMs } = EXTENTS[trial.size];
    const cpuEmpty = await server.cpuShare(measuredMs);
    const groups = [{ count: clients, conversation: { ...POLITE, messages, mostBytes: 4096, isHeld: true } }];
    const fleet = stage.streams(groups, { together: false, atOnce: clients });
    await until('it says that there is no room', () => server.complaints().some((text) => text.startsWith(COMPLAINT)));
    await fleet.until(({ served }) => served > 0 && served === server.sockets);
    const atOnce = server.sockets;
    ok(atOnce < OPEN_FILES);
    const cpuFull = await server.cpuShare(measuredMs);
    ok(cpuFull < HARDLY_ANY, `it takes ${percent(cpuFull)} of a CPU with nothing to do`);
    const start = performance.now();
    const tally = await fleet.until(() => {
      fleet.tell({ kind: 'release' });
      return fleet.ended === clients;
    });
    const tookMs = performance.now() - start;
    expectNothingLost(groups, tally);
    const { figures, statistics } = await stage.comeToRest();
    server.kill('SIGTERM');
    equal(await server.exitCode(), 0);
    const [complaint = '', ...others] = server.complaints();
    ok(complaint.startsWith(`${COMPLAINT}: EMFILE`), complaint);
    equal(others.join(), '');
    return [
      ['clients, served at once', listed(count, clients, atOnce)],
      ['messages that came back whole', count(tally.messages)],
      ['CPU without clients, full with others waiting', listed(percent, cpuEmpty, cpuFull)],
      ['from the first that leaves until all were served', seconds(tookMs)],
      ['complaints, pauses', `1, ${count(statistics.acceptPauses)}`],
      ...figures,
    ];
  },
};
