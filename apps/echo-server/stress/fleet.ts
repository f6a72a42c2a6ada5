import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CountedPlan, DatagramPlan, FromClients, Plan, StreamPlan, ToClients } from './plan.ts';
import { emptyTally, ended, sumOf, type Tally } from './tally.ts';

const CLIENTS = fileURLToPath(new URL('./clients/main.ts', import.meta.url));
/** If nothing happens for this time, something is lost. No client stalls that long. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 5;

type Milestone = Exclude<FromClients['kind'], 'progress'>;

/** A process of clients, and its progress. */
class Squad {
  readonly #child: ChildProcess;
  readonly #reached = new Set<FromClients['kind']>();
  #tally: Tally = emptyTally();
  #lastNews = performance.now();
  #isGone = false;

  constructor(plan: Plan) {
    this.#child = fork(CLIENTS, { serialization: 'advanced' });
    this.#child.on('message', (message: FromClients) => this.#onMessage(message));
    this.#child.on('exit', () => {
      this.#isGone = true;
    });
    this.send({ kind: 'start', plan });
  }

  get tally(): Tally {
    return this.#tally;
  }

  send(message: ToClients): void {
    this.#lastNews = performance.now();
    this.#child.send(message);
  }

  has(milestone: Milestone): boolean {
    return this.#reached.has(milestone);
  }

  /** @throws Error if a client has failed, or nothing has happened for too long. */
  check(): void {
    const [failure] = this.#tally.failures;
    if (failure !== undefined) {
      throw new Error(failure);
    }
    if (this.#reached.has('done')) {
      return;
    }
    if (this.#isGone) {
      throw new Error('a process of clients has ended early');
    }
    if (performance.now() - this.#lastNews > PATIENCE_MS) {
      throw new Error(`nothing has happened for a minute: ${JSON.stringify(this.#tally)}`);
    }
  }

  end(): void {
    if (this.#child.connected) {
      this.#child.disconnect();
    }
  }

  #onMessage({ kind, tally }: FromClients): void {
    if (JSON.stringify(tally) !== JSON.stringify(this.#tally)) {
      this.#lastNews = performance.now();
    }
    this.#tally = tally;
    this.#reached.add(kind);
  }
}

/** Clients in several processes. */
export class Fleet {
  readonly #squads: readonly Squad[];

  constructor(plans: readonly Plan[]) {
    this.#squads = plans.map((plan) => new Squad(plan));
  }

  /** The results of all clients so far. */
  get tally(): Tally {
    return sumOf(this.#squads.map(({ tally }) => tally));
  }

  get ended(): number {
    return ended(this.tally);
  }

  send(message: Exclude<ToClients, { kind: 'start' }>): void {
    for (const squad of this.#squads) {
      squad.send(message);
    }
  }

  /** Waits until all clients have reached a milestone. @throws Error if a client fails, or nothing happens for too long. */
  reach(milestone: Milestone): Promise<Tally> {
    return this.until(() => this.#squads.every((squad) => squad.has(milestone)));
  }

  /** Waits until a condition holds. @throws Error if a client fails, or nothing happens for too long. */
  async until(isSo: (tally: Tally) => boolean): Promise<Tally> {
    while (!isSo(this.tally)) {
      for (const squad of this.#squads) {
        squad.check();
      }
      await setTimeout(LOOK_MS);
    }
    return this.tally;
  }

  /** Kills the processes. */
  end(): void {
    for (const squad of this.#squads) {
      squad.end();
    }
  }
}

/** Divides a plan among processes. Each gets a part of every group. */
export function divideStreams(plan: Omit<StreamPlan, 'transport' | 'firstClient'>, processes: number): StreamPlan[] {
  const parts: StreamPlan[] = [];
  let firstClient = 0;
  for (let i = 0; i < processes; i++) {
    const groups = plan.groups
      .map(({ count, conversation }) => ({ count: shareOf(count, processes, i), conversation }))
      .filter(({ count }) => count > 0);
    if (groups.length > 0) {
      parts.push({ ...plan, transport: 'tcp', groups, firstClient });
      firstClient += groups.reduce((sum, { count }) => sum + count, 0);
    }
  }
  return parts;
}

/** Divides a plan among processes. Each gets a part of the datagrams. */
export function divideDatagrams(
  plan: Omit<DatagramPlan, 'transport' | 'firstClient'>,
  processes: number,
): DatagramPlan[] {
  return Array.from({ length: processes }, (_, i) => ({
    ...plan,
    transport: 'udp',
    firstClient: i * plan.clients,
    clients: shareOf(plan.clients, processes, i),
    sizes: plan.sizes.filter((_size, index) => index % processes === i),
    underwayBytes: Math.floor(plan.underwayBytes / processes),
  }));
}

/** Divides a plan among processes. Each gets a part of the sources. */
export function divideCounted(plan: Omit<CountedPlan, 'transport' | 'firstClient'>, processes: number): CountedPlan[] {
  return Array.from({ length: Math.min(processes, plan.clients) }, (_, i) => ({
    ...plan,
    transport: 'counted',
    firstClient: i * plan.clients,
    clients: shareOf(plan.clients, Math.min(processes, plan.clients), i),
  }));
}

/** One of the parts of an integer. If it cannot be divided evenly, the first parts are larger. */
function shareOf(total: number, parts: number, part: number): number {
  return Math.floor(total / parts) + (part < total % parts ? 1 : 0);
}
