import type { EventManager } from '@em/core';
import type { Conversation, StreamPlan } from '../plan.ts';
import { addFailure, type Tally } from '../tally.ts';
import { Countdown } from './countdown.ts';
import { type ClientContext, type ClientSocket, EchoClient } from './echo-client.ts';
import { mix } from './random.ts';
import { MAX_BYTES, SeededBytes } from './seeded-bytes.ts';

/** What a crowd works with. */
export interface CrowdContext {
  readonly manager: EventManager;
  readonly tally: Tally;
  /** Starts to connect a client, from an address that it shares with other clients. */
  readonly dial: (client: number, isNarrow: boolean) => ClientSocket;
  /** Called when all clients have reached a milestone. */
  readonly onMilestone: (milestone: 'ready' | 'finished' | 'done') => void;
}

/** All clients of a process. */
export class Crowd {
  readonly #context: CrowdContext;
  readonly #plan: StreamPlan;
  readonly #clientContext: ClientContext;
  readonly #open = new Set<EchoClient>();
  readonly #finished = new WeakSet<EchoClient>();
  readonly #conversations: Iterator<Conversation>;
  readonly #ungreeted: Countdown;
  readonly #unfinished: Countdown;
  readonly #present: Countdown;
  #begun = 0;
  #isStopping = false;
  #isFilling = false;

  constructor(context: CrowdContext, plan: StreamPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#conversations = conversations(plan);
    const total = plan.groups.reduce((sum, { count }) => sum + count, 0);
    const { manager, tally, onMilestone } = context;
    this.#ungreeted = new Countdown(total, () => onMilestone('ready'));
    this.#unfinished = new Countdown(total, () => onMilestone('finished'));
    this.#present = new Countdown(total, () => onMilestone('done'));
    this.#clientContext = {
      manager,
      tally,
      bytes: new SeededBytes(),
      buffer: Buffer.alloc(MAX_BYTES),
      isStopping: () => this.#isStopping,
      onGreeted: (client) => this.#onGreeted(client),
      onFinished: (client) => this.#onFinished(client),
      onEnd: (client) => this.#onEnd(client),
    };
  }

  start(): void {
    this.#fill();
  }

  go(): void {
    for (const client of this.#open) {
      client.go();
    }
  }

  stopping(): void {
    this.#isStopping = true;
  }

  release(): void {
    for (const client of this.#open) {
      client.release();
    }
  }

  /** Adds clients up to the limit. */
  #fill(): void {
    // A client that ends at once calls this method again, before it is added itself.
    if (this.#isFilling) {
      return;
    }
    this.#isFilling = true;
    while (this.#underway < this.#plan.atOnce) {
      const { value: conversation, done } = this.#conversations.next();
      if (done === true) {
        break;
      }
      this.#admit(conversation);
    }
    this.#isFilling = false;
  }

  get #underway(): number {
    return this.#plan.together ? this.#begun - this.#ungreeted.counted : this.#open.size;
  }

  #admit(conversation: Conversation): void {
    const { dial, tally } = this.#context;
    const number = this.#plan.firstClient + this.#begun;
    this.#begun++;
    try {
      const socket = dial(number, conversation.isNarrow);
      if (conversation.ending === 'abort') {
        socket.reset();
        tally.resets++;
        this.#pass();
      } else {
        const seed = mix(this.#plan.seed + mix(number));
        const client = new EchoClient(this.#clientContext, conversation, seed, socket);
        this.#open.add(client);
      }
    } catch (error) {
      addFailure(tally, (error as Error).message);
      this.#pass();
    }
  }

  /** Counts a client that has ended already. */
  #pass(): void {
    this.#ungreeted.count();
    this.#unfinished.count();
    this.#present.count();
  }

  #onGreeted(client: EchoClient): void {
    this.#ungreeted.count();
    if (!this.#plan.together) {
      client.go();
    }
    this.#fill();
  }

  #onFinished(client: EchoClient): void {
    if (!this.#finished.has(client)) {
      this.#finished.add(client);
      this.#unfinished.count();
    }
  }

  #onEnd(client: EchoClient): void {
    if (!client.isGreeted) {
      this.#ungreeted.count();
    }
    this.#onFinished(client);
    this.#open.delete(client);
    this.#present.count();
    this.#fill();
  }
}

/** The conversation of each client. The groups are mixed, so that clients of all kinds connect at the same time. */
function* conversations({ groups }: StreamPlan): Generator<Conversation, undefined, undefined> {
  const left = groups.map(({ count }) => count);
  const total = left.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < total; i++) {
    // The next client is of the group with the largest remaining share.
    let next = 0;
    for (const [group, { count }] of groups.entries()) {
      const share = (left[group] ?? 0) / count;
      next = share > (left[next] ?? 0) / (groups[next]?.count ?? 1) ? group : next;
    }
    left[next] = (left[next] ?? 0) - 1;
    const group = groups[next];
    if (group !== undefined) {
      yield group.conversation;
    }
  }
  return undefined;
}
