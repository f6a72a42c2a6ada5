import { EventManager } from '../../src/index.js';

/** Tries until it does not block, waiting for `events` in between. */
export function waitFor<R>(source: { fd: number }, events: number, attempt: () => R | undefined): R {
  using manager = new EventManager();
  manager.add(source, events, () => undefined);
  for (;;) {
    const result = attempt();
    if (result !== undefined) {
      return result;
    }
    manager.wait();
  }
}
