import { type EventManager, EventSet, type Registration } from '@em/core';
import type { Stream } from './ports.js';

/** Told once that a connection is over, with the error that ended it, if one did. */
export type OnEnd = (connection: Connection, error?: unknown) => void;

/**
 * One client: what it sends is sent back.
 *
 * ```text
 *                  written in part
 *   ┌─► echoing ───────────────────► flushing ─┐
 *   │   waits for IN                 waits for OUT
 *   └──────────────── all written ─────────────┘
 *
 *   end of stream while echoing, an error or a hang-up in either: closed
 * ```
 *
 * While flushing it does not read, so that it holds one buffer at most and a client that does not read is slowed down
 * by its own unread bytes. The end of the stream is therefore seen only when everything before it has been sent back.
 */
export class Connection {
  readonly #stream: Stream;
  readonly #buffer: Uint8Array;
  readonly #onEnd: OnEnd;
  readonly #registration: Registration;
  #unsent: Uint8Array | undefined;

  /**
   * @param buffer - Lent for the time of a read and the write that follows; all connections can share one.
   * @throws What `setNoDelay` and `manager.add` throw; the stream is then still open.
   */
  constructor(manager: EventManager, stream: Stream, buffer: Uint8Array, onEnd: OnEnd) {
    this.#stream = stream;
    this.#buffer = buffer;
    this.#onEnd = onEnd;
    stream.setNoDelay?.(true);
    this.#registration = manager.add(stream, EventSet.IN, (events) => this.#onReady(events), {
      label: 'connection',
      own: true,
    });
  }

  /** Ends it and closes its stream, whatever is still unsent. A second call does nothing. */
  close(error?: unknown): void {
    let reason = error;
    try {
      if (!this.#registration.delete()) {
        return;
      }
    } catch (failure) {
      reason ??= failure;
    }
    this.#onEnd(this, reason);
  }

  /** One read or one write a call: readiness is level-triggered, and the others are waiting. */
  #onReady(events: EventSet): void {
    try {
      if (EventSet.intersects(events, EventSet.ERROR | EventSet.HANG_UP)) {
        this.close();
      } else if (this.#unsent === undefined) {
        this.#echo();
      } else {
        this.#flush(this.#unsent);
      }
    } catch (error) {
      this.close(error);
    }
  }

  #echo(): void {
    const length = this.#stream.read(this.#buffer);
    if (length === 0) {
      this.close();
    } else if (length !== undefined) {
      const written = this.#stream.write(this.#buffer, 0, length) ?? 0;
      if (written < length) {
        this.#unsent = this.#buffer.slice(written, length);
        this.#registration.modify(EventSet.OUT);
      }
    }
  }

  #flush(unsent: Uint8Array): void {
    const written = this.#stream.write(unsent, 0, unsent.length) ?? 0;
    if (written < unsent.length) {
      this.#unsent = unsent.subarray(written);
    } else {
      this.#unsent = undefined;
      this.#registration.modify(EventSet.IN);
    }
  }
}
