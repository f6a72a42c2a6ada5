// Waits by `once` while the manager is driven, or not. argv: the mode. Prints the codes of the warnings.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Attachment, EventManager, EventSet, type Poller, type ReadyBatch } from '@em/core';

const idle = (): void => undefined;

/** Nothing ever happens, and a wait takes its time. */
class IdlePoller implements Poller {
  readonly add: () => void = idle;
  readonly modify: () => void = idle;
  readonly delete: () => void = idle;
  readonly wake: () => void = idle;
  readonly close: () => void = idle;

  attach(): Attachment {
    return { ref: idle, unref: idle, detach: idle };
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
    batch.cause = 'timeout';
    return 0;
  }
}

const manager = new EventManager({ poller: new IdlePoller() });
const { IN } = EventSet;
/** Longer than it takes until a manager that is not driven causes a warning. */
const LONG_ENOUGH_MS = 3_500;

process.on('warning', (warning) => {
  console.log((warning as { code?: string }).code);
  console.log(warning.message);
});

async function waitInALoop(busyMs: number): Promise<void> {
  const end = performance.now() + LONG_ENOUGH_MS;
  while (performance.now() < end) {
    manager.wait(10);
    void manager.once(3, IN, { timeoutMs: 5, throwIfTimedOut: false });
    for (const busyUntil = performance.now() + busyMs; performance.now() < busyUntil; ) {
      // Nothing of this thread runs meanwhile, and timers come late.
    }
    await setImmediate();
  }
}

const MODES: Record<string, () => unknown> = {
  'ends alone': () => manager.once(3, IN),
  'is kept alive': () => {
    void manager.once(3, IN);
    void manager.on(4, IN).next();
    return setTimeout(LONG_ENOUGH_MS);
  },
  runs: () => {
    void manager.once(3, IN);
    void manager.run();
    return setTimeout(LONG_ENOUGH_MS);
  },
  'waits in a loop': () => {
    void manager.once(3, IN);
    return waitInALoop(0);
  },
  'waits in a slow loop': () => {
    void manager.once(3, IN);
    return waitInALoop(1_500);
  },
  'waits for nothing': async () => {
    const controller = new AbortController();
    const waiting = manager.once(3, IN, { signal: controller.signal });
    controller.abort();
    await waiting.catch(() => undefined);
    return setTimeout(LONG_ENOUGH_MS);
  },
};

void MODES[process.argv[2] ?? '']?.();
