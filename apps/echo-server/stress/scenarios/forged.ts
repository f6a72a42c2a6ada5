import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UdpSocket, UnixDatagram } from '@em/sys';
import { until } from '../../test/until.ts';
import { Random } from '../clients/random.ts';
import { count, listed, seconds } from '../format.ts';
import { type Address, RawSender } from '../raw-sender.ts';
import type { Figure, Scenario, Size, Sockets, Trial } from '../scenario.ts';
import type { ServerProcess } from '../server/server-process.ts';
import { Stage } from '../stage.ts';
import { expectStandstill } from '../standstill.ts';

interface Extent {
  /** Datagrams in the name of the server itself. */
  readonly own: number;
  /** Datagrams that go back and forth between two servers at once. */
  readonly exchanged: number;
  /** Datagrams with senders that do not exist. */
  readonly sources: number;
}

const EXTENTS: Readonly<Record<Size, Extent>> = {
  smoke: { own: 60, exchanged: 5, sources: 1000 },
  middle: { own: 1000, exchanged: 20, sources: 20_000 },
  full: { own: 10_000, exchanged: 30, sources: 300_000 },
};
const HOST = '127.0.0.1';
const MOST_BYTES = 1200;
/** Fits into the queue of a socket: `net.unix.max_dgram_qlen`. */
const LINKED = 5;
/** The default of `--datagrams-per-source`. */
const PER_SOURCE = 1000;
/** Echo, chargen, DNS, NTP, and the last port of a service; addresses of a group, and of all hosts. */
const NEVER_ANSWERED: readonly Address[] = [
  ...[7, 19, 53, 123, 1023].map((port) => ({ address: HOST, port })),
  { address: '224.0.0.1', port: 30_000 },
  { address: '255.255.255.255', port: 30_000 },
];
/** Ports that the kernel gives to no client, so that no other program gets the answers. */
const [FIRST_PORT, LAST_PORT] = [10_000, 30_000];

/** The sums of the counts of servers. */
interface Totals {
  readonly received: number;
  readonly sent: number;
  readonly dropped: number;
  readonly kernelDrops: number;
}

export const forged: Scenario = {
  name: 'forged',
  title: 'Forged senders: the server itself, another echo server, services, and thousands that do not exist',

  async run(trial: Trial): Promise<readonly Figure[]> {
    const extent = EXTENTS[trial.size];
    const { UdpSocket, UnixDatagram } = trial.sockets;
    using resources = new DisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'em-stress-'));
    resources.defer(() => rmSync(folder, { recursive: true }));
    const udp = (): UdpSocket => bound(resources, UdpSocket.bind({ host: HOST, port: 0 }));
    const unix = (name: string): UnixDatagram => bound(resources, UnixDatagram.bind({ path: join(folder, name) }));
    // The fds of the sockets stay open here. So this process can send in the name of the servers.
    const [first, second, other] = [udp(), udp(), udp()];
    const [own, others] = [unix('own'), unix('others')];
    await using stage = await Stage.open(trial, { listen: [], inherited: [first, second, own] });
    await using otherStage = await Stage.open(trial, { listen: [], inherited: [other, others] });
    const servers = [stage.server, otherStage.server];
    const start = performance.now();
    const random = new Random(trial.seed);
    const bytes = Buffer.alloc(MOST_BYTES);
    const length = (): number => random.size(1, MOST_BYTES + 1) - 1;

    const none = await totals(servers);
    const pairs = [
      [first, second],
      [second, first],
      [first, first],
    ] as const;
    for (let i = 0; i < extent.own; i++) {
      for (const [from, to] of pairs) {
        from.sendTo(to.localAddress, bytes, 0, length());
      }
    }
    await allDropped(servers, none, pairs.length * extent.own);
    equal((await totals(servers)).sent, none.sent, 'the server has answered itself');

    const exchange = await totals(servers);
    for (let i = 0; i < extent.exchanged; i++) {
      first.sendTo(other.localAddress, bytes, 0, length());
    }
    await allDropped(servers, exchange, extent.exchanged);
    const answers = difference(await totals(servers), exchange).sent;
    ok(answers >= PER_SOURCE, `the servers sent only ${answers} answers to each other`);

    const linked = await totals(servers);
    sendAndRelink(trial.sockets, stage.server, own, own);
    await allDropped(servers, linked, LINKED);
    equal(difference(await totals(servers), linked).sent, LINKED);
    const linkedToOther = await totals(servers);
    sendAndRelink(trial.sockets, stage.server, own, others);
    await allDropped(servers, linkedToOther, LINKED);
    const unixAnswers = difference(await totals(servers), linkedToOther).sent;

    const rawFigures = await sendRaw(RawSender.open(trial.sockets), stage.server, first, extent.sources, random);
    const tookMs = performance.now() - start;
    await expectStandstill(stage, first.localAddress.port, trial);
    await expectStandstill(otherStage, other.localAddress.port, trial);
    const { figures } = await stage.comeToRest();
    await otherStage.comeToRest();
    await stage.stop('datagrams arrive too fast');
    await otherStage.stop('datagrams arrive too fast');
    return [
      ['datagrams in the name of the server; answers', listed(count, pairs.length * extent.own, 0)],
      ['datagrams between two servers; answers until the limit', listed(count, extent.exchanged, answers)],
      ['clients that became a link to the server; answers', listed(count, LINKED, LINKED)],
      ['clients that became a link to another server; answers', listed(count, LINKED, unixAnswers)],
      ...rawFigures,
      ['took', seconds(tookMs)],
      ...figures,
    ];
  },
};

function bound<S extends { close(): void }>(resources: DisposableStack, socket: S): S {
  resources.defer(() => socket.close());
  return socket;
}

async function totals(servers: readonly ServerProcess[]): Promise<Totals> {
  const all = await Promise.all(servers.map((server) => server.statistics()));
  const sum = (of: (statistics: (typeof all)[number]) => number): number =>
    all.reduce((sum, each) => sum + of(each), 0);
  return {
    received: sum(({ datagramsReceived }) => datagramsReceived),
    sent: sum(({ datagramsSent }) => datagramsSent),
    dropped: sum(({ datagramsDropped }) => datagramsDropped),
    kernelDrops: sum(({ kernelDrops }) => kernelDrops),
  };
}

function difference(after: Totals, before: Totals): Totals {
  return {
    received: after.received - before.received,
    sent: after.sent - before.sent,
    dropped: after.dropped - before.dropped,
    kernelDrops: after.kernelDrops - before.kernelDrops,
  };
}

/** Waits until each of these datagrams has been dropped somewhere, so that none is under way. */
async function allDropped(servers: readonly ServerProcess[], before: Totals, datagrams: number): Promise<void> {
  let { dropped, kernelDrops } = before;
  await until('the exchange of the servers ends', async () => {
    ({ dropped, kernelDrops } = difference(await totals(servers), before));
    return dropped + kernelDrops >= datagrams;
  });
  equal(dropped + kernelDrops, datagrams);
  ok(dropped > 0);
}

/** Sends from clients to a socket of a server, and replaces the file of each client by a link. */
function sendAndRelink({ UnixDatagram }: Sockets, server: ServerProcess, to: UnixDatagram, target: UnixDatagram): void {
  server.kill('SIGSTOP');
  for (let i = 0; i < LINKED; i++) {
    const path = `${to.localAddress}-${target === to ? 'self' : 'other'}-${i}`;
    const client = UnixDatagram.bind({ path });
    client.sendTo(to.localAddress ?? '', Buffer.of(i));
    client.close();
    rmSync(path);
    symlinkSync(target.localAddress ?? '', path);
  }
  server.kill('SIGCONT');
}

/** Sends in the name of hosts that are never answered, and in that of clients that do not exist. */
async function sendRaw(
  sender: RawSender | undefined,
  server: ServerProcess,
  { localAddress }: UdpSocket,
  sources: number,
  random: Random,
): Promise<readonly Figure[]> {
  using raw = sender;
  if (raw === undefined) {
    return [['datagrams with a forged sender', 'none: not allowed without CAP_NET_RAW']];
  }
  const never = await totals([server]);
  for (const from of [...NEVER_ANSWERED, { address: '127.0.0.2', port: localAddress.port }]) {
    raw.send(from, localAddress, 1);
  }
  const neverAnswered = NEVER_ANSWERED.length + 1;
  await allDropped([server], never, neverAnswered);
  equal((await totals([server])).sent, never.sent);

  const before = await totals([server]);
  const integer = (least: number, most: number): number => least + Math.floor(random.fraction() * (most - least));
  for (let i = 0; i < sources; i++) {
    const address = `127.${integer(16, 128)}.${integer(0, 256)}.${integer(1, 255)}`;
    const from = { address, port: integer(FIRST_PORT, LAST_PORT) };
    await until('there is room', () => raw.send(from, localAddress, i % MOST_BYTES));
  }
  await until('the server has received them', async () => {
    const { received, kernelDrops } = difference(await totals([server]), before);
    return received + kernelDrops >= sources;
  });
  const { received, sent, dropped, kernelDrops } = difference(await totals([server]), before);
  deepEqual({ all: received + kernelDrops, answered: sent + dropped }, { all: sources, answered: received });
  return [
    ['datagrams from services, groups and all hosts; answers', listed(count, neverAnswered, 0)],
    ['datagrams from clients that do not exist: received, dropped by the kernel', listed(count, received, kernelDrops)],
  ];
}
