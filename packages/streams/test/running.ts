import { setImmediate } from 'node:timers/promises';
import { EventManager } from '@em/sys';
import { afterEach, beforeEach, expect } from 'vitest';

/** The manager of the current test, which runs. */
export let manager: EventManager;

/** Gives each test of the file a {@link manager}, and checks that the test leaves no registration. */
export function useManager(): void {
  let running: Promise<void>;

  beforeEach(() => {
    manager = new EventManager();
    running = manager.run();
  });

  afterEach(async () => {
    expect(manager.size).toBe(0);
    manager.close();
    await running;
  });
}

export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await setImmediate();
  }
}
