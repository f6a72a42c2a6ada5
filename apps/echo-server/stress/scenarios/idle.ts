import { equal } from 'node:assert/strict';
import { count, listed, percent, seconds } from '../format.ts';
import { expectNothingLost, POLITE } from '../hostile.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { mostConnections, Stage } from '../stage.ts';

interface Extent {
  readonly held: number;
  readonly newcomers: number;
  readonly measuredMs: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: { held: 500, newcomers: 50, measuredMs: 500 },
  middle: { held: 5000, newcomers: 500, measuredMs: 2000 },
  full: { held: 19_000, newcomers: 5000, measuredMs: 10_000 },
};

export const idle: Scenario = {
  name: 'idle',
  title: '19,000 idle connections, while new ones are answered',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial);
    const { server } = stage;
    const { newcomers, measuredMs, ...extent } = EXTENTS[trial.size];
    const held = mostConnections(extent.held);
    const groups = [{ count: held, conversation: { ...POLITE, messages: 0, isHeld: true } }];
    const fleet = stage.streams(groups, { together: true, atOnce: 100 });
    await fleet.reach('ready');
    fleet.send({ kind: 'go' });
    await fleet.reach('finished');
    equal(server.sockets, held);
    const before = server.memoryAtStart;
    const after = await server.memory();
    const residentBytes = (after.residentBytes - before.residentBytes) / held;
    const keptBytes = (after.keptBytes - before.keptBytes) / held;
    const cpu = await server.cpuShare(measuredMs);
    const start = performance.now();
    const guests = [{ count: newcomers, conversation: { ...POLITE, messages: 2 } }];
    const answered = await stage.streams(guests, { together: false, atOnce: 10 }).reach('done');
    const tookMs = performance.now() - start;
    expectNothingLost(guests, answered);
    equal(server.sockets, held);
    fleet.send({ kind: 'release' });
    expectNothingLost(groups, await fleet.reach('done'));
    const { figures } = await stage.comeToRest();
    await stage.stop();
    return [
      ['idle connections', count(held)],
      ['memory per idle connection: of JavaScript, resident', `${listed(count, keptBytes, residentBytes)} B`],
      ['CPU while they are idle', percent(cpu)],
      ['new connections meanwhile, with three messages each', count(newcomers)],
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};
