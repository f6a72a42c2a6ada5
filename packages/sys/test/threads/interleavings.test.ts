// What one thread does between two steps of a call of the other. Both ends are in this thread: the test stops a call at
// one of its steps, and has the other end do something there.

import { MessagePort } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { EventSet, ThreadChannel, ThreadPort } from '../../src/index.js';

type Deed = 'post' | 'receive' | 'drain' | 'close';
const deeds = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom<Deed>('post', 'receive', 'drain') },
  { weight: 1, arbitrary: fc.constant<Deed>('close') },
);

/** One end does something. At one step of that, the other end does several things. */
interface Move {
  readonly end: 0 | 1;
  readonly deed: Deed;
  readonly step: number;
  readonly meanwhile: readonly Deed[];
}

const MAX_STEPS = 12;
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    end: fc.constantFrom<0 | 1>(0, 1),
    deed: deeds,
    step: fc.integer({ min: 0, max: MAX_STEPS }),
    meanwhile: fc.array(deeds, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Called before and after each step of a call. */
let onStep: (() => void) | undefined;

beforeEach(() => {
  const native = binding();
  const stops: [object, string][] = [
    [Atomics, 'exchange'],
    [native, 'send'],
    [native, 'recv'],
    [native, 'pollOnce'],
    [MessagePort.prototype, 'postMessage'],
  ];
  for (const [owner, name] of stops) {
    const original = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
    vi.spyOn(owner as Record<string, () => unknown>, name).mockImplementation(function (this: unknown, ...args) {
      onStep?.();
      const result = Reflect.apply(original, this, args);
      onStep?.();
      return result;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

class End {
  readonly #port: ThreadPort<number, number>;
  posted = 0;
  received = 0;

  constructor(port: MessagePort) {
    this.#port = new ThreadPort(port);
  }

  get closed(): boolean {
    return this.#port.closed;
  }

  do(deed: Deed): void {
    if (this.closed || deed === 'close') {
      this.#port.close();
    } else if (deed === 'post') {
      // Counted first: the other end may receive it before this call returns.
      const number = this.posted++;
      if (!this.#port.post(number)) {
        this.posted = number;
      }
    } else {
      while (this.#receive() && deed === 'drain') {
        // Until no message is left.
      }
    }
  }

  /** Does what a level-triggered callback does, one message per call. */
  serve(): void {
    for (let calls = 0; !this.#port.ended && this.#isReadable(); calls++) {
      this.#receive();
      expect(calls, 'it is readable without end').toBeLessThan(1000);
    }
  }

  /** Checks what this end has received, if it is open. */
  expectAllOf(other: End): void {
    if (!this.closed) {
      expect([this.received, this.#port.ended]).toEqual([other.posted, other.closed]);
    }
  }

  close(): void {
    this.#port.close();
  }

  #receive(): boolean {
    const message = this.#port.receive();
    if (message === undefined) {
      return false;
    }
    expect(message).toBe(this.received++);
    return true;
  }

  #isReadable(): boolean {
    return (binding().pollOnce(this.#port.fd, EventSet.IN) & EventSet.IN) !== 0;
  }
}

test('no message is lost and no signal is left, wherever the other end comes between two steps of a call', () => {
  fc.assert(
    fc.property(moves, (program) => {
      const { port1, port2 } = new ThreadChannel();
      const ends = [new End(port1), new End(port2)] as const;
      for (const { end, deed, step, meanwhile } of program) {
        let steps = 0;
        onStep = () => {
          if (steps++ === step) {
            onStep = undefined;
            for (const other of meanwhile) {
              ends[1 - end]?.do(other);
            }
          }
        };
        ends[end].do(deed);
        onStep = undefined;
      }
      const [one, two] = ends;
      for (const end of ends) {
        if (!end.closed) {
          end.serve();
        }
      }
      one.expectAllOf(two);
      two.expectAllOf(one);
      one.close();
      two.close();
    }),
    { numRuns: Number(process.env['EM_INTERLEAVINGS'] ?? 3000) },
  );
});
