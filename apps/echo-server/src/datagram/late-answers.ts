import type { MemoryBudget } from '../context.js';

/** Counted per message beside its bytes, because an empty message uses memory too. */
const OVERHEAD_BYTES = 256;

/** The first flushes each try to send. */
const EAGER_FLUSHES = 8;
/** After these, one of this number does: a client that does not read costs little. */
const PATIENCE = 8;

/** The answers that wait for one client. */
interface Queue<Peer> {
  readonly peer: Peer;
  readonly answers: Uint8Array[];
  bytes: number;
  /** The number of flushes since an answer was sent. */
  flushes: number;
}

/** Sends an answer. Returns `false` if it would block, and the answer must wait. */
export type SendAnswer<Peer> = (peer: Peer, answer: Uint8Array) => boolean;

/** Answers that would have blocked, in order per client. No client waits for another. */
export class LateAnswers<Peer> {
  readonly #queues = new Map<string, Queue<Peer>>();
  readonly #memory: MemoryBudget;
  readonly #limitBytes: number;

  /** @param limitBytes - No more answers are kept for a client when those that wait have this number of bytes. */
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
    const queue = this.#queues.get(key) ?? { peer, answers: [], bytes: 0, flushes: 0 };
    if (queue.bytes >= this.#limitBytes || this.#memory.isTight) {
      return false;
    }
    queue.answers.push(answer.slice());
    this.#queues.set(key, queue);
    this.#account(queue, answer.length + OVERHEAD_BYTES);
    return true;
  }

  /**
   * Sends the answers that do not block.
   *
   * @param maxFlushes - A client that has taken nothing in more flushes loses its answers. `Infinity` for never: then each
   * flush tries every client.
   * @returns The number of answers that were dropped.
   */
  flush(send: SendAnswer<Peer>, maxFlushes: number): number {
    let dropped = 0;
    for (const [key, queue] of this.#queues) {
      queue.flushes++;
      if (queue.flushes <= EAGER_FLUSHES || queue.flushes % PATIENCE === 0 || maxFlushes === Number.POSITIVE_INFINITY) {
        this.#sendAll(queue, send);
      }
      if (queue.flushes > maxFlushes) {
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
        return;
      }
      queue.flushes = 0;
      this.#forget(queue, 1);
    }
  }

  #forget(queue: Queue<Peer>, count: number): void {
    for (const answer of queue.answers.splice(0, count)) {
      this.#account(queue, -(answer.length + OVERHEAD_BYTES));
    }
  }

  #account(queue: Queue<Peer>, bytes: number): void {
    queue.bytes += bytes;
    this.#memory.change(bytes);
  }
}
