import type { MemoryBudget } from '../part-context.js';

/** Counted per message beside its bytes, because an empty message uses memory too. */
const OVERHEAD_BYTES = 256;

/** The answers that wait for one client. */
interface Queue<Peer> {
  readonly peer: Peer;
  readonly answers: Uint8Array[];
  /** How often in a row the first answer would have blocked. */
  failures: number;
}

/** Sends an answer. Returns `false` if it would block, and the answer must wait. */
export type SendAnswer<Peer> = (peer: Peer, answer: Uint8Array) => boolean;

/** Answers that would have blocked, in order per client. No client waits for another. */
export class LateAnswers<Peer> {
  readonly #queues = new Map<string, Queue<Peer>>();
  readonly #memory: MemoryBudget;
  readonly #limitBytes: number;
  #keptBytes = 0;

  /** @param limitBytes - No more answers are kept when they have this number of bytes. */
  constructor(memory: MemoryBudget, limitBytes: number) {
    this.#memory = memory;
    this.#limitBytes = limitBytes;
  }

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** Whether an answer waits for this client already, so that the next one must wait as well. */
  hasFor(key: string): boolean {
    return this.#queues.has(key);
  }

  /** Keeps a copy of an answer. Returns `false` if a limit does not allow it. */
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
   * Sends the answers that do not block.
   *
   * @param maxFailures - A client with more failures in a row loses its answers.
   * @returns The number of answers that were dropped.
   */
  flush(send: SendAnswer<Peer>, maxFailures: number): number {
    let dropped = 0;
    for (const [key, queue] of this.#queues) {
      this.#sendAll(queue, send);
      if (queue.failures > maxFailures) {
        dropped += queue.answers.length;
        this.#forget(queue, queue.answers.length);
      }
      if (queue.answers.length === 0) {
        this.#queues.delete(key);
      }
    }
    return dropped;
  }

  /** Drops all answers. Returns their number. */
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
