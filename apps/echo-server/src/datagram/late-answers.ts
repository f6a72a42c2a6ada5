import type { MemoryBudget } from '../memory-budget.js';

/** What a message takes beside its bytes, so that empty ones are not free. */
const OVERHEAD_BYTES = 256;

/** What waits for one client. */
interface Queue<Peer> {
  readonly peer: Peer;
  readonly answers: Uint8Array[];
  /** How often in a row the first of them would have blocked. */
  failures: number;
}

/** Sends an answer; returns whether that is done with, which it is not if it would block. */
export type SendAnswer<Peer> = (peer: Peer, answer: Uint8Array) => boolean;

/** Answers that would have blocked, in order for each client; no client waits for another. */
export class LateAnswers<Peer> {
  readonly #queues = new Map<string, Queue<Peer>>();
  readonly #memory: MemoryBudget;
  readonly #limitBytes: number;
  #keptBytes = 0;

  /** @param limitBytes - From so many bytes on, no more are kept. */
  constructor(memory: MemoryBudget, limitBytes: number) {
    this.#memory = memory;
    this.#limitBytes = limitBytes;
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** Whether something waits for this client already: what comes now must wait behind it. */
  hasFor(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Keeps a copy of an answer, unless too much is kept already. Returns whether it does. */
  keep(key: string, peer: Peer, answer: Uint8Array): boolean {
    if (this.#keptBytes >= this.#limitBytes || this.#memory.isTight) {
      return false;
    }
    const queue = this.#queues.get(key) ?? { peer, answers: [], failures: 0 };
    queue.answers.push(answer.slice());
    this.#queues.set(key, queue);
    this.#account(answer.length + OVERHEAD_BYTES);
    return true;
  }

  /**
   * Sends what can be sent.
   *
   * @param maxFailures - After so many in a row, what waits for a client is given up.
   * @returns How many answers were given up.
   */
  flush(send: SendAnswer<Peer>, maxFailures: number): number {
    let givenUp = 0;
    for (const [key, queue] of this.#queues) {
      this.#sendAll(queue, send);
      if (queue.failures > maxFailures) {
        givenUp += queue.answers.length;
        this.#forget(queue, queue.answers.length);
      }
      if (queue.answers.length === 0) {
        this.#queues.delete(key);
      }
    }
    return givenUp;
  }

  /** Gives up all of them; returns how many. */
  clear(): number {
    return this.flush(() => false, Number.NEGATIVE_INFINITY);
  }

  #sendAll(queue: Queue<Peer>, send: SendAnswer<Peer>): void {
    for (let answer = queue.answers[0]; answer !== undefined; answer = queue.answers[0]) {
      if (!send(queue.peer, answer)) {
        queue.failures++;
        return;
      }
      queue.failures = 0;
      this.#forget(queue, 1);
    }
  }

  #forget(queue: Queue<Peer>, count: number): void {
    for (const answer of queue.answers.splice(0, count)) {
      this.#account(-(answer.length + OVERHEAD_BYTES));
    }
  }

  #account(bytes: number): void {
    this.#keptBytes += bytes;
    this.#memory.change(bytes);
  }
}
