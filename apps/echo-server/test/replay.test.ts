// Records the server under load on the kernel, and replays the recording without one.

import { EventManager, EventSet } from '@em/core';
import { EpollPoller, TcpListener, TcpStream, UdpBatch, UnixDatagramBatch } from '@em/sys';
import { type RecordedStep, type Recording, replay, trace } from '@em/testing/trace';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Limits } from '../src/context.js';
import { Counters } from '../src/counters.js';
import { EchoServer } from '../src/server.js';
import type { Listener } from '../src/sockets/server-socket.js';
import { FakeLog } from './fakes/fake-log.js';
import { type ListenerTape, PlayingListener, RecordingListener } from './fakes/socket-tape.js';

const { IN, OUT } = EventSet;

const CONNECTIONS = Number(process.env['EM_REPLAY_CONNECTIONS'] ?? 12);
const ROUNDS = Number(process.env['EM_REPLAY_ROUNDS'] ?? 30);

/** More than the load makes: a recording without its beginning cannot be replayed. */
const ENTRIES = Number(process.env['EM_REPLAY_ENTRIES'] ?? 2 ** 16);

const LIMITS: Limits = {
  maxConnections: Number.POSITIVE_INFINITY,
  idleMs: Number.POSITIVE_INFINITY,
  bufferBytes: 64 * 1024,
  totalBufferBytes: 64 * 1024 * 1024,
  datagramsPerSource: Number.POSITIVE_INFINITY,
};

interface Recorded {
  readonly recording: Recording;
  readonly tape: ListenerTape;
}

function serve(manager: EventManager, listener: Listener, limits: Partial<Limits> = {}): EchoServer {
  const context = { manager, counters: new Counters(), log: new FakeLog(), batches: { UdpBatch, UnixDatagramBatch } };
  const server = new EchoServer({ ...context, limits: { ...LIMITS, ...limits } });
  server.serve({ transport: 'tcp', socket: listener });
  return server;
}

/** A client that sends what it can in each round, and reads in some of them. */
class Client {
  readonly #stream: TcpStream;
  readonly #index: number;
  readonly #bytes = new Uint8Array(256 * 1024);
  #isOpen = true;

  constructor(port: number, index: number) {
    this.#stream = TcpStream.connect({ host: '127.0.0.1', port });
    this.#index = index;
    this.#stream.setReceiveBufferBytes(8_192);
  }

  take(round: number): void {
    const [stream, index] = [this.#stream, this.#index];
    if (!this.#isOpen) {
      return;
    }
    if (index % 5 === 4 && round === ROUNDS - 3) {
      this.close();
      return;
    }
    // Every fourth client sends large messages and reads nothing, so that the server has to keep the rest. Then it reads.
    const isStalling = index % 4 === 0;
    if (index % 3 === 0 && round >= ROUNDS - 5) {
      if (round === ROUNDS - 5) {
        stream.shutdownWrite();
      }
    } else if (!isStalling || round < ROUNDS / 2) {
      stream.write(this.#bytes, 0, isStalling ? this.#bytes.length : 64);
    }
    if (!isStalling || round >= ROUNDS / 2) {
      for (let reads = 0; reads < 64 && (stream.read(this.#bytes) ?? 0) > 0; reads++) {
        // Reads on.
      }
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#stream.close();
  }
}

async function record(): Promise<Recorded> {
  const poller = trace(new EpollPoller(), { entries: ENTRIES });
  const manager = new EventManager({ poller });
  const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  const accept = (): TcpStream | undefined => {
    const stream = listener.accept();
    // So little that the server soon has to keep what a client does not read.
    stream?.setSendBufferBytes(8_192);
    return stream;
  };
  const recorder = new RecordingListener({ fd: listener.fd, accept, close: () => listener.close() });
  const server = serve(manager, recorder);
  const running = manager.run();
  const clients = Array.from({ length: CONNECTIONS }, (_, index) => new Client(port, index));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  while (server.connections < CONNECTIONS) {
    await turn();
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const client of clients) {
      client.take(round);
    }
    await turn();
  }
  for (const client of clients) {
    client.close();
  }
  while (server.connections > 0) {
    await turn();
  }
  const recording: Recording = JSON.parse(JSON.stringify(poller));
  server.close();
  manager.stop();
  await running;
  manager.close();
  return { recording, tape: recorder.tape };
}

/** What a step says, apart from the time and the numbers that the kernel chose. */
function essence(step: RecordedStep): object {
  const { atMs: _, ...rest } = step;
  switch (rest.op) {
    case 'wait':
      return {
        op: rest.op,
        cause: rest.cause,
        ready: rest.ready.map(([, events, generation]) => [events, generation]),
      };
    case 'call':
    case 'add':
    case 'modify':
      return { op: rest.op, label: rest.label, events: rest.events, generation: rest.generation };
    default:
      return { op: rest.op };
  }
}

function count({ steps }: Recording, op: RecordedStep['op']): number {
  return steps.filter((step) => step.op === op).length;
}

describe('a recording of the server under load', () => {
  let recorded: Recorded;

  beforeAll(async () => {
    recorded = await record();
  });

  async function play({ recording, tape }: Recorded, limits?: Partial<Limits>): Promise<Recording> {
    const poller = replay(recording);
    const traced = trace(poller, { entries: ENTRIES });
    const manager = new EventManager({ poller: traced });
    const running = manager.run();
    const server = serve(manager, new PlayingListener(100, tape), limits);
    await Promise.race([poller.finished, running]);
    const again = traced.toJSON();
    server.close();
    manager.close();
    return again;
  }

  test('contains calls, partial writes and changes of interest', () => {
    const { recording, tape } = recorded;
    expect(recording.dropped).toBe(0);
    expect(tape.filter((stream) => stream !== undefined)).toHaveLength(CONNECTIONS);
    expect(count(recording, 'call')).toBeGreaterThan(CONNECTIONS * 3);
    const interests = new Set(recording.steps.flatMap((step) => (step.op === 'modify' ? [step.events] : [])));
    expect(interests).toEqual(new Set([IN | OUT, OUT, IN]));
  });

  test('leads to the same calls without a kernel', async () => {
    const again = await play(recorded);
    expect(again.steps.map(essence)).toEqual(recorded.recording.steps.map(essence));
  });

  test('shows where a server with another limit departs from it', async () => {
    const playing = play(recorded, { bufferBytes: 1024 });
    await expect(playing).rejects.toThrow(
      /^The code departed from the recording at step \d+ of \d+, at [\d.]+ ms: .*; the recording has: .*fd \d+/,
    );
  });

  test.each<[string, (steps: RecordedStep[], index: (op: RecordedStep['op']) => number) => void]>([
    ['a call is missing', (steps, index) => void steps.splice(index('call'), 1)],
    [
      'a call is there twice',
      (steps, index) => void steps.splice(index('call'), 0, steps[index('call')] as RecordedStep),
    ],
    ['a change of interest is missing', (steps, index) => void steps.splice(index('modify'), 1)],
    [
      'a change of interest is another',
      (steps, index) => void Object.assign(steps[index('modify')] as object, { events: 0 }),
    ],
    [
      'two calls are swapped',
      (steps) => {
        const first = steps.findIndex(
          ({ op }, i) => op === 'call' && steps[i + 1]?.op === 'call' && i > steps.length / 2,
        );
        steps.splice(first, 2, ...steps.slice(first, first + 2).reverse());
      },
    ],
    [
      'an event is missing',
      (steps) => {
        const step = steps.findLast((it) => it.op === 'wait' && it.ready.length > 1);
        Object.assign(step as object, { ready: step?.op === 'wait' ? step.ready.slice(1) : [] });
      },
    ],
    [
      'a registration has another label',
      (steps, index) => void Object.assign(steps[index('add')] as object, { label: 'x' }),
    ],
    ['an end is missing', (steps, index) => void steps.splice(index('end'), 1)],
  ])('departs if the recording is altered: %s', async (_title, alter) => {
    const steps = structuredClone(recorded.recording.steps) as RecordedStep[];
    // In the middle, or else the last one.
    const index = (op: RecordedStep['op']): number => {
      const middle = steps.findIndex((step, i) => step.op === op && i > steps.length / 2);
      return middle >= 0 ? middle : steps.findLastIndex((step) => step.op === op);
    };
    alter(steps, index);
    const { tape, recording } = recorded;
    await expect(play({ recording: { ...recording, steps }, tape })).rejects.toMatchObject({
      code: 'ERR_EM_REPLAY_DEPARTED',
    });
  });
});
