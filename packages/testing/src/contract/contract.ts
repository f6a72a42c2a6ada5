import type { Poller } from '@em/core';
import { dispatching } from './dispatching.js';
import { ending } from './ending.js';
import { grouping } from './grouping.js';
import { type Harness, has } from './harness.js';
import { identity } from './identity.js';
import { iterating } from './iterating.js';
import { pausing } from './pausing.js';
import { pollerEvents } from './poller-events.js';
import { pollerRegistrations } from './poller-registrations.js';
import { registering } from './registering.js';
import type { Section } from './scenario.js';
import { staleEvents } from './stale-events.js';
import { throwing } from './throwing.js';
import { waiting } from './waiting.js';
import { World } from './world.js';

/** The part of `test` that vitest, node:test and others have in common. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => void): unknown;
}

/** The part of `describe` that vitest, node:test and others have in common. */
export type DescribeFunction = (name: string, body: () => void) => unknown;

/** What {@link contract} is handed. */
export interface ContractOptions<P extends Poller> {
  /** What the group of tests is called: the poller's name. */
  readonly name: string;
  readonly describe: DescribeFunction;
  readonly test: TestFunction;
  readonly harness: Harness<P>;
}

const SECTIONS: readonly Section[] = [
  pollerRegistrations,
  pollerEvents,
  registering,
  identity,
  pausing,
  dispatching,
  staleEvents,
  throwing,
  iterating,
  waiting,
  grouping,
  ending,
];

/**
 * Defines the tests that every poller passes: what a `Poller` promises (P1 to P5, and what its methods say), and what an
 * `EventManager` promises on top of it (C1 to C20, as far as they are there). Every name begins with the promise.
 *
 * Scenarios that need what the harness has not got are handed to `test.skip`, and say what is missing.
 *
 * @example With vitest
 * ```ts
 * import { contract } from '@em/testing/contract';
 * import { describe, test } from 'vitest';
 *
 * contract({
 *   name: 'MyPoller',
 *   describe,
 *   test,
 *   harness: {
 *     createPoller: () => new MyPoller(),
 *     createSource: () => new MySource(),
 *     lacks: ['exclusive'],
 *   },
 * });
 * ```
 */
export function contract<P extends Poller>({ name, describe, test, harness }: ContractOptions<P>): void {
  describe(name, () => {
    for (const { title, scenarios } of SECTIONS) {
      describe(title, () => {
        for (const scenario of scenarios) {
          const missing = scenario.needs.filter((capability) => !has(harness, capability));
          if (missing.length > 0) {
            test.skip(`${scenario.name} (skipped: no ${missing.join(', no ')})`, () => undefined);
          } else {
            test(scenario.name, async () => {
              using world = World.of(harness);
              await scenario.run(world);
            });
          }
        }
      });
    }
  });
}
