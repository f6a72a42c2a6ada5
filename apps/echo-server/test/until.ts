import { setTimeout } from 'node:timers/promises';

/** Waits until a condition holds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`timed out waiting until ${what}`);
    }
    await setTimeout(5);
  }
}
