import { EventManager } from '../../src/index.js';

/** Waits for `events` until `attempt` does not block. Returns its result. */
export function waitFor<R>(object: { fd: number }, events: number, attempt: () => R | undefined): R {
  using manager = new EventManager();
  manager.add(object, events, () => undefined);
  for (;;) {
    const result = attempt();
    if (result !== undefined) {
      return result;
    }
    manager.wait();
  }
}
