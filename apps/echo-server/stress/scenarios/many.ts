import { equal } from 'node:assert/strict';
import { count, megabytes, seconds } from '../format.ts';
import { expectNothingLost, POLITE } from '../hostile.ts';
import type { Figure, Scenario, Size, Trial } from '../scenario.ts';
import { mostConnections, Stage } from '../stage.ts';

const CONNECTIONS: Readonly<Record<Size, number>> = { smoke: 300, middle: 4000, full: 10_000 };
const MESSAGES = 20;

export const many: Scenario = {
  name: 'many',
  title: '10,000 simultaneous connections, all of them active',

  async run(trial: Trial): Promise<readonly Figure[]> {
    await using stage = await Stage.open(trial);
    const { server } = stage;
    const connections = mostConnections(CONNECTIONS[trial.size]);
    const conversation = { ...POLITE, messages: MESSAGES, mostBytes: 4096, isHeld: true };
    const groups = [{ count: connections, conversation }];
    const fleet = stage.streams(groups, { together: true, atOnce: 100 });
    await fleet.reach('ready');
    equal(server.sockets, connections);
    const start = performance.now();
    fleet.send({ kind: 'go' });
    await fleet.reach('finished');
    const tookMs = performance.now() - start;
    equal(server.sockets, connections);
    fleet.send({ kind: 'release' });
    const tally = await fleet.reach('done');
    expectNothingLost(groups, tally);
    const { figures, statistics } = await stage.comeToRest();
    equal(statistics.bytesSent, tally.bytes);
    await stage.stop();
    return [
      ['simultaneous connections', count(connections)],
      ['messages that came back complete', count(tally.messages)],
      ['compared bytes', megabytes(tally.bytes)],
      ['messages per second', count((tally.messages / tookMs) * 1000)],
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};
