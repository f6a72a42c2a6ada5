import { EventManager, EventSet } from '@em/sys';

/** Waits for `IN` until `attempt` does not block. Returns its result. */
export function waitFor<R>(object: { fd: number }, attempt: () => R | undefined): R {
  using manager = new EventManager();
  manager.add(object, EventSet.IN, () => undefined);
  for (;;) {
    const result = attempt();
    if (result !== undefined) {
      return result;
    }
    manager.wait();
  }
}
