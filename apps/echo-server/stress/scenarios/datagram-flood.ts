import { deepEqual, ok } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { UnixDatagram } from '@em/sys';
import { until } from '../../test/until.ts';
import { divideCounted } from '../fleet.ts';
import { count, listed, megabytes, seconds } from '../format.ts';
import type { FloodPlan } from '../plan.ts';
import type { Figure, Scenario, Size, Sockets, Trial } from '../scenario.ts';
import { datagramsLostAt, queuedBytesAt } from '../server/process-figures.ts';
import type { ServerProcess } from '../server/server-process.ts';
import { Stage } from '../stage.ts';
import { expectStandstill } from '../standstill.ts';

interface Extent {
  /** Polite sources, over UDP and again over a unix socket. */
  readonly clients: number;
  /** The number of their datagrams: half of what the server answers to one source per second, or less. */
  readonly datagrams: number;
  /** Clients over a unix socket that never read. The answers in their queues fit into the send buffer of the server. */
  readonly mute: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: { clients: 8, datagrams: 100, mute: 1 },
  middle: { clients: 20, datagrams: 500, mute: 2 },
  full: { clients: 100, datagrams: 500, mute: 3 },
};
const HOST = '127.0.0.1';
/** The largest datagram of IPv4: 65,535 bytes less 20 of the IP header and 8 of the UDP header. */
const LARGEST = 65_507;
const FLOODING_SOURCES = 4;
/** More than the server keeps for a client that does not read, by default 256 KiB. */
const MUTE_BYTES = 2000;
const MUTE_DATAGRAMS = 300;
/** The answers in the queues of these clients fill the send buffer of the server: by default 10 answers per queue. */
const BLOCKING_CLIENTS = 20;
const BLOCKING_DATAGRAMS = 20;

export const datagramFlood: Scenario = {
  name: 'datagram-flood',
  title: 'A flood of datagrams to one socket, and clients that never read, while others count their answers',

  async run(trial: Trial): Promise<readonly Figure[]> {
    const { clients, datagrams, mute } = EXTENTS[trial.size];
    const { seed, processes, sockets } = trial;
    const name = `em-stress-${randomBytes(8).toString('hex')}`;
    const path = `\0${name}`;
    const listen = [`udp://${HOST}:0`, `udp://${HOST}:0`, `unixgram:@${name}`];
    await using stage = await Stage.open(trial, { listen });
    const { server } = stage;
    const [calm, flooded] = [server.portAt(0), server.portAt(1)];
    const mutes = Array.from({ length: mute }, (_, i) => sockets.UnixDatagram.bind({ path: `${path}-mute-${i}` }));
    try {
      await sendTo(path, mutes, MUTE_DATAGRAMS);
      await until('answers wait for the clients that never read', async () => {
        return (await server.statistics()).bufferedBytes > 0;
      });
      const plan: FloodPlan = {
        transport: 'flood',
        port: flooded,
        sources: FLOODING_SOURCES,
        sizes: [0, 1, 1200, LARGEST],
      };
      const { datagramsDropped } = await server.statistics();
      const flood = stage.send([plan]);
      await until('the flood exceeds the limit of a source', async () => {
        return (await server.statistics()).datagramsDropped > datagramsDropped + mute * MUTE_DATAGRAMS;
      });
      const before = await server.statistics();
      const start = performance.now();
      const polite = stage.send(
        [calm, path].flatMap((to) => divideCounted({ to, seed, clients, datagrams }, processes)),
      );
      await polite.reach('ready');
      polite.send({ kind: 'go' });
      const tally = await polite.reach('done');
      const tookMs = performance.now() - start;
      const after = await server.statistics();
      flood.send({ kind: 'release' });
      await flood.reach('done');

      deepEqual(tally.failures, []);
      ok(tally.messages + tally.lost >= 2 * clients * datagrams);
      const losers = 2 * clients - tally.whole;
      const kernelDrops = datagramsLostAt(server.pid, calm);
      // A polite source has the slot of a flooding one by chance, in a few of a thousand runs. Two hardly ever do.
      ok(tally.lost <= kernelDrops || losers <= 1, `${losers} clients lost ${tally.lost} datagrams`);
      const floodReceived = after.datagramsReceived - before.datagramsReceived - tally.messages - tally.lost;
      ok(floodReceived > tally.messages, `the flood was small: ${floodReceived}`);

      await until('the queue of the flooded socket is empty', () => queuedBytesAt(server.pid, flooded) === 0);
      await until('nothing waits for the clients that never read', () => isNothingBuffered(server));
      await expectStandstill(stage, calm, trial);
      await expectStandstill(stage, path, trial);
      await fillSendBuffer(server, path, sockets);
      await expectStandstill(stage, path, trial);
      const { figures } = await stage.comeToRest();
      const floodDrops = datagramsLostAt(server.pid, flooded);
      await stage.stop('datagrams arrive too fast');
      return [
        ['polite sources over UDP, over a unix socket', listed(count, clients, clients)],
        ['their datagrams that came back complete', count(tally.messages)],
        ['lost in the server; dropped by the kernel', listed(count, tally.lost, kernelDrops)],
        ['compared bytes', megabytes(tally.bytes)],
        ['datagrams of the flood meanwhile: received, dropped by the kernel', listed(count, floodReceived, floodDrops)],
        ['clients that never read', count(mute)],
        ['took', seconds(tookMs)],
        ...figures,
      ];
    } finally {
      for (const socket of mutes) {
        socket.close();
      }
    }
  },
};

/** Sends datagrams from each socket, in turns. */
async function sendTo(path: string, sockets: readonly UnixDatagram[], datagrams: number): Promise<void> {
  const bytes = Buffer.alloc(MUTE_BYTES);
  for (let i = 0; i < datagrams; i++) {
    for (const socket of sockets) {
      await until('the server has room', () => socket.sendTo(path, bytes) !== undefined);
    }
  }
}

/** Clients that never read block the answers to all others. When they are gone, nothing is left of that. */
async function fillSendBuffer(server: ServerProcess, path: string, { UnixDatagram }: Sockets): Promise<void> {
  const sockets = Array.from({ length: BLOCKING_CLIENTS }, (_, i) =>
    UnixDatagram.bind({ path: `${path}-blocking-${i}` }),
  );
  try {
    await sendTo(path, sockets, BLOCKING_DATAGRAMS);
    await until('answers wait', async () => !(await isNothingBuffered(server)));
  } finally {
    for (const socket of sockets) {
      socket.close();
    }
  }
  await until('nothing waits for clients that are gone', () => isNothingBuffered(server));
}

async function isNothingBuffered(server: ServerProcess): Promise<boolean> {
  return (await server.statistics()).bufferedBytes === 0;
}
