import { equal } from 'node:assert/strict';
import { count, listed, megabytes, seconds } from '../format.ts';
import { clientsOf, expectNothingLost, hostileGroups, type Mixture } from '../hostile.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { Stage } from '../stage.ts';

const MIXTURES: Readonly<Record<Size, Mixture>> = {
  smoke: {
    steady: 40,
    messages: 20,
    eager: 10,
    halfClosing: 10,
    stalling: 2,
    stallMs: 200,
    trickling: 5,
    resetting: 20,
    mute: 2,
  },
  middle: {
    steady: 500,
    messages: 200,
    eager: 100,
    halfClosing: 100,
    stalling: 20,
    stallMs: 2000,
    trickling: 50,
    resetting: 200,
    mute: 10,
  },
  full: {
    steady: 3000,
    messages: 600,
    eager: 200,
    halfClosing: 300,
    stalling: 50,
    stallMs: 20_000,
    trickling: 200,
    resetting: 1000,
    mute: 30,
  },
};

export const integrity: Scenario = {
  name: 'integrity',
  title: 'Messages of random sizes, while others reset, half-close, stall, trickle and never read',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial);
    const { server } = stage;
    const groups = hostileGroups(MIXTURES[trial.size]);
    const fleet = stage.streams(groups, { together: true, atOnce: 100 });
    await fleet.reach('ready');
    equal(server.sockets, clientsOf(groups));
    const start = performance.now();
    fleet.send({ kind: 'go' });
    await fleet.reach('finished');
    fleet.send({ kind: 'release' });
    const tally = await fleet.reach('done');
    const tookMs = performance.now() - start;
    expectNothingLost(groups, tally);
    equal(tally.early, 0);
    const { figures, statistics } = await stage.comeToRest();
    equal(statistics.accepted, clientsOf(groups));
    await stage.stop();
    return [
      ['simultaneous connections', count(clientsOf(groups))],
      ['messages that came back complete', count(tally.messages)],
      ['compared bytes', megabytes(tally.bytes)],
      [
        'clients that got everything, that reset, that did not read',
        listed(count, tally.whole, tally.resets, tally.stuck),
      ],
      ['lost bytes', '0'],
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};
