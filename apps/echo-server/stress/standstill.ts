import { deepEqual, ok } from 'node:assert/strict';
import { divideCounted } from './fleet.ts';
import type { Trial } from './scenario.ts';
import type { Stage } from './stage.ts';

const CLIENTS = 4;
const DATAGRAMS = 50;

/**
 * Checks that the servers of a stage receive and send nothing but what clients send now, so that no datagram is left that
 * servers send to each other.
 *
 * @param to - A UDP port of the server, or the abstract name of one of its sockets.
 */
export async function expectStandstill(stage: Stage, to: number | string, { seed }: Trial): Promise<void> {
  const { server } = stage;
  const before = await server.statistics();
  const fleet = stage.send(divideCounted({ to, seed, clients: CLIENTS, datagrams: DATAGRAMS }, 1));
  await fleet.reach('ready');
  fleet.send({ kind: 'go' });
  const { messages, lost, failures } = await fleet.reach('done');
  const after = await server.statistics();
  deepEqual(failures, []);
  ok(messages > 0);
  deepEqual(
    {
      received: after.datagramsReceived - before.datagramsReceived,
      sent: after.datagramsSent - before.datagramsSent,
    },
    { received: messages + lost, sent: messages },
  );
}
