import type { Capability } from './harness.js';
import type { World } from './world.js';

/** The test of one promise. */
export interface Scenario {
  /** The title of the test: the number of the promise, and what it says. */
  readonly name: string;
  readonly needs: readonly Capability[];
  run(world: World): void | Promise<void>;
}

/** Scenarios about the same group of promises. */
export interface Section {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export function scenario(name: string, needs: readonly Capability[], run: Scenario['run']): Scenario {
  return { name, needs, run };
}
