import { EventSet } from '@em/core';
import type { OpenFile } from './open-file.js';
import { SocketFile } from './socket.js';

/** What the kernel adds to the bytes of a small message, roughly. */
const OVERHEAD_BYTES = 512;

/** A message in the queue of its receiver. */
export interface FakeMessage<From> {
  readonly bytes: Uint8Array;
  readonly from: From;
  readonly files: readonly OpenFile[];
  /** The receiver has taken it, or is closed. */
  readonly onTaken: () => void;
}

/** A socket that carries whole messages. */
export abstract class DatagramFile<From> extends SocketFile {
  protected readonly queue: FakeMessage<From>[] = [];

  override events(): EventSet {
    const isIn = this.queue.length > 0;
    return (isIn ? EventSet.IN : 0) | (this.isWritable ? EventSet.OUT : 0) | (this.hasError ? EventSet.ERROR : 0);
  }

  protected abstract readonly isWritable: boolean;

  take(isPeek: boolean): FakeMessage<From> | undefined {
    this.throwError('recvmsg');
    const message = this.queue[0];
    if (message !== undefined && !isPeek) {
      this.queue.shift();
      this.wasTaken();
      message.onTaken();
    }
    return message;
  }

  /** Puts a message into the queue. */
  deliver(message: FakeMessage<From>): void {
    this.queue.push(message);
    this.wakeUp(EventSet.IN | EventSet.PRIORITY);
  }

  /** Drops all messages. */
  protected drop(): void {
    for (const message of this.queue.splice(0)) {
      for (const file of message.files) {
        file.fdClosed();
      }
      message.onTaken();
    }
  }

  /** Called when a message has left the queue. */
  protected wasTaken(): void {
    // Only the senders of a unix socket wait for room.
  }
}

/** Returns the memory that a message uses. */
export function costOf(bytes: Uint8Array): number {
  return bytes.length + OVERHEAD_BYTES;
}
