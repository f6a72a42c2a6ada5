import { setTimeout } from 'node:timers/promises';

/** Waits for what must come about in the end. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`waited in vain: ${what}`);
    }
    await setTimeout(5);
  }
}
