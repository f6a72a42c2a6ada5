import type { Capability } from './harness.js';
import type { World } from './world.js';

/** One promise, put to the test. */
export interface Scenario {
  /** The promise's number, and the claim. */
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
