import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Fleet } from '../fleet.ts';
import { count, listed, megabytes, seconds } from '../format.ts';
import { bytesOf, clientsOf, expectNothingLost, hostileGroups, type Mixture, POLITE } from '../hostile.ts';
import type { Group } from '../plan.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { Stage } from '../stage.ts';

interface Extent {
  readonly mixture: Mixture;
  readonly short: number;
  readonly drainMs: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: {
    mixture: {
      steady: 40,
      messages: 40,
      eager: 10,
      halfClosing: 5,
      stalling: 2,
      stallMs: 300,
      trickling: 5,
      resetting: 10,
      mute: 2,
    },
    short: 500,
    drainMs: 3000,
  },
  middle: {
    mixture: {
      steady: 300,
      messages: 200,
      eager: 100,
      halfClosing: 50,
      stalling: 10,
      stallMs: 2000,
      trickling: 30,
      resetting: 100,
      mute: 5,
    },
    short: 5000,
    drainMs: 10_000,
  },
  full: {
    mixture: {
      steady: 1000,
      messages: 500,
      eager: 300,
      halfClosing: 200,
      stalling: 30,
      stallMs: 5000,
      trickling: 100,
      resetting: 300,
      mute: 20,
    },
    short: 50_000,
    drainMs: 60_000,
  },
};

/** The silence after which a stopping server lets a client go: at most a tenth of the deadline. */
const QUIET_MS = 1000;

export const combined: Scenario = {
  name: 'combined',
  title: 'All kinds of clients on two workers, then again with SIGTERM in the middle',

  async run(trial: Trial): Promise<readonly Figure[]> {
    const { mixture, short, drainMs } = EXTENTS[trial.size];
    await using stage = await Stage.open(trial, { args: ['--workers', '2', '--drain-ms', `${drainMs}`] });
    const { server } = stage;
    const groups = hostileGroups(mixture);
    const guests: readonly Group[] = [
      { count: short, conversation: POLITE },
      { count: Math.floor(short / 10), conversation: { ...POLITE, ending: 'abort' } },
    ];
    const setOut = async (those: readonly Group[]): Promise<readonly [Fleet, Fleet]> => {
      const fleet = stage.streams(those, { together: true, atOnce: 50 });
      await fleet.reach('ready');
      fleet.send({ kind: 'go' });
      return [fleet, stage.streams(guests, { together: false, atOnce: 50 })];
    };

    const start = performance.now();
    const [fleet, flood] = await setOut(groups);
    await fleet.reach('finished');
    const allMs = performance.now() - start;
    fleet.send({ kind: 'release' });
    const tally = await fleet.reach('done');
    expectNothingLost(groups, tally);
    expectNothingLost(guests, await flood.reach('done'));
    const { figures } = await stage.comeToRest();

    // The stall is longer than the silence after which the server lets a client go.
    const stallMs = allMs + 3 * Math.min(QUIET_MS, drainMs / 10);
    const [stopped, refused] = await setOut(hostileGroups({ ...mixture, stallMs }));
    const before = await stopped.until(({ bytes }) => bytes > bytesOf(groups) / 2);
    for (const clients of [stopped, refused]) {
      clients.send({ kind: 'stopping' });
    }
    const stop = performance.now();
    server.kill('SIGTERM');
    equal(await server.exitCode(), 0);
    const tookMs = performance.now() - stop;
    stopped.send({ kind: 'release' });
    const rest = await stopped.reach('done');
    expectNothingLost(groups, rest);
    ok(rest.bytes > before.bytes, 'the clients had ended before SIGTERM');
    await refused.reach('done');
    deepEqual(server.problems(), [`clients were cut off: ${mixture.mute}`]);
    return [
      ['simultaneous connections, short ones', listed(count, clientsOf(groups), clientsOf(guests))],
      ['messages that came back complete, bytes compared', `${count(tally.messages)}, ${megabytes(tally.bytes)}`],
      ...figures,
      ['bytes that came back before SIGTERM, after it', listed(megabytes, before.bytes, rest.bytes - before.bytes)],
      ['clients that got everything, that were ended by the server', listed(count, rest.whole, rest.early)],
      ['lost bytes; clients cut off, none of which read', `0; ${mixture.mute}`],
      ['exit code and time, deadline', `0 after ${seconds(tookMs)}, ${seconds(drainMs)}`],
    ];
  },
};
