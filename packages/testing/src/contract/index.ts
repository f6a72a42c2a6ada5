import type { Poller } from '@em/core';
import { awaiting } from './awaiting.js';
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
import { running } from './running.js';
import type { Section } from './scenario.js';
import { serial } from './serial.js';
import { staleEvents } from './stale-events.js';
import { throwing } from './throwing.js';
import { timing } from './timing.js';
import { waiting } from './waiting.js';
import { World } from './world.js';

export type { Capability, ConsumingFd, HangUpFd, Harness, RefusedFd, TestFd } from './harness.js';

/** The part of `test` that vitest, node:test and others have in common. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => void): unknown;
}

/** The part of `describe` that vitest, node:test and others have in common. */
export type DescribeFunction = (name: string, body: () => void) => unknown;

/** Arguments of {@link contract}. */
export interface ContractOptions<P extends Poller> {
  /** The name of the group of tests: the poller's name. */
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
  serial,
  iterating,
  awaiting,
  waiting,
  timing,
  running,
  grouping,
  ending,
];

/**
 * Defines the tests that every poller passes: the promises of `Poller` (P1 to P5, and those of its methods), and the
 * promises of an `EventManager` on the poller (C1 to C25). Every test title begins with the promise that it checks.
 *
 * A scenario that needs something that the harness lacks goes to `test.skip`, and its title says what is missing.
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
 *     createFd: () => new MyFd(),
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
