import { EventSet } from '@em/core';
import { SocketFile } from './socket.js';
import type { StreamFile } from './stream-file.js';

/** A connection that waits to be accepted, and where the client is. */
export interface Waiting<F extends StreamFile, Address> {
  readonly file: F;
  readonly remote: Address;
}

/** A socket that listens. */
export class ListenerFile<F extends StreamFile, Address> extends SocketFile {
  readonly #backlog: number;
  readonly #queue: Waiting<F, Address>[] = [];
  readonly #onRelease: () => void;

  constructor(backlog: number, onRelease: () => void) {
    super();
    this.#backlog = backlog;
    this.#onRelease = onRelease;
  }

  /** What waits for room in the queue: TCP connections whose handshake is not finished. */
  readonly #late: (() => Waiting<F, Address>)[] = [];

  /** The kernel lets one more wait than the backlog says: `sk_acceptq_is_full`, `unix_recvq_full`. */
  get isFull(): boolean {
    return this.#queue.length > this.#backlog;
  }

  override events(): EventSet {
    return (this.#queue.length > 0 ? EventSet.IN : 0) | (this.hasError ? EventSet.ERROR : 0);
  }

  put(waiting: Waiting<F, Address>): void {
    this.#queue.push(waiting);
    this.wakeUp(EventSet.IN | EventSet.PRIORITY);
  }

  /** Calls `connect` when there is room, and queues the connection that it returns. */
  putLater(connect: () => Waiting<F, Address>): void {
    this.#late.push(connect);
  }

  accept(): Waiting<F, Address> | undefined {
    this.throwError('accept');
    const accepted = this.#queue.shift();
    const connect = accepted && this.#late.shift();
    if (connect !== undefined) {
      this.put(connect());
    }
    return accepted;
  }

  protected override release(): void {
    this.#onRelease();
    for (const { file } of this.#queue.splice(0)) {
      file.abandon();
    }
  }
}
