import { isSharedArrayBuffer, isUint32Array } from 'node:util/types';
import type { MessagePort } from 'node:worker_threads';
import type { SharedWords } from '../addon/binding.js';
import { workerThreads } from '../builtins.js';

/** The words in shared memory: one for the addon, and one for each end. */
const WORDS = 3;

/** The first message in each port of a channel. */
export interface Introduction {
  readonly words: SharedWords;
  /** Which end the port is, and the index of its word. */
  readonly end: 1 | 2;
}

/**
 * A channel between two threads of this process, or within one thread. Transfer each of its two ports to the thread that
 * uses it, and open it there, once, as a {@link ThreadPort}.
 *
 * The ports are those of Node. Do not use them otherwise: the first message in each is for the `ThreadPort`. A port that
 * is not open holds no fd, and does not keep the process alive.
 */
export class ThreadChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;

  constructor() {
    const { port1, port2 } = new (workerThreads().MessageChannel)();
    const words = new Uint32Array(new SharedArrayBuffer(WORDS * Uint32Array.BYTES_PER_ELEMENT));
    // A message stays in the queue of a port while the port is transferred.
    port2.postMessage({ words, end: 1 } satisfies Introduction);
    port1.postMessage({ words, end: 2 } satisfies Introduction);
    this.port1 = port1;
    this.port2 = port2;
  }
}

/** Takes the first message of a port. Returns `undefined` if the port is not of a channel. */
export function takeIntroduction(port: MessagePort): Introduction | undefined {
  const first: unknown = workerThreads().receiveMessageOnPort(port)?.message;
  return isIntroduction(first) ? first : undefined;
}

function isIntroduction(value: unknown): value is Introduction {
  const { words, end } = (value ?? {}) as { readonly [Name in keyof Introduction]?: unknown };
  return (
    isUint32Array(words) && isSharedArrayBuffer(words.buffer) && words.length === WORDS && (end === 1 || end === 2)
  );
}
