import { runInNewContext } from 'node:vm';
import type { EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import * as broken from './broken-pollers.js';
import { collect } from './collect.js';
import { fakeHarness } from './fake-harness.js';

test('a correct poller passes the suite', async () => {
  const { failed, skipped, passed } = await collect(fakeHarness(() => new FakePoller()));
  expect(failed).toEqual([]);
  expect(skipped).toEqual([]);
  expect(passed.length).toBeGreaterThan(100);
});

const ForeignError: ErrorConstructor = runInNewContext('Error');

class ThrowsForeignErrors extends FakePoller {
  override add(fd: number, events: EventSet, generation: number): void {
    try {
      super.add(fd, events, generation);
    } catch (error) {
      throw Object.assign(new ForeignError(String(error)), error);
    }
  }
}

test('a correct poller whose errors come from another realm passes the suite, as under Jest', async () => {
  const { failed } = await collect(fakeHarness(() => new ThrowsForeignErrors()));
  expect(failed).toEqual([]);
});

const FAULTS: [typeof FakePoller, string[]][] = [
  [broken.KeepsFirstGeneration, ['P1.2', 'C7.11']],
  [broken.LooksGenerationUp, ['P1.5', 'C9.5']],
  [broken.AddsOverWhatIsThere, ['P2.1', 'C2.1', 'C7.17']],
  [broken.AddsWhatItRefusesToModify, ['P2.2']],
  [broken.ThrowsWhereNothingIsToDelete, ['P2.5', 'P2.6', 'P2.7', 'C6.1', 'C8.8']],
  [broken.ForgetsToDelete, ['P1.3', 'P2.8', 'C4.5', 'C7.1', 'C7.3', 'C7.7']],
  [broken.Starves, ['P5.1', 'P5.2', 'P5.3', 'P5.4', 'C17.1', 'C17.2', 'C17.3']],
  [broken.HidesWhatWasNotAskedFor, ['P4.1', 'C7.3', 'C8.9', 'C10.3']],
  [broken.ReportsWhatWasNotAskedFor, ['P4.2', 'P4.3']],
  [broken.IgnoresOneShot, ['P4.8', 'P4.9', 'P5.4', 'C7.11', 'C7.12', 'C12.4']],
  [broken.IgnoresEdges, ['P4.6', 'P4.7', 'C7.10', 'C8.5', 'C12.4']],
  [broken.ReportsModes, ['P1.1', 'P4.10']],
  [broken.ForgetsToWake, ['Poller.wake:', 'C14.8', 'C14.9', 'C14.10']],
  [broken.CountsWakes, ['Poller.wake:', 'C14.9']],
  [broken.WakesInsteadOfReporting, ['Poller.wake:']],
  [broken.RoundsTimeoutsDown, ['C14.6']],
  [broken.CannotWaitLong, ['P3.1', 'C14.5']],
  [broken.NeverSaysWhy, ['Poller.wait:', 'C14.4', 'C16.1']],
  [broken.TakesInterruptsForTimeouts, ['C14.11']],
  [broken.DoesNotRebuild, ['Poller.rebuild:', 'C9.6']],
  [broken.RebuildsWithStrangers, ['Poller.rebuild:']],
  [broken.NeverCallsBack, ['C25.1', 'C25.2', 'C25.8', 'C25.9']],
  [broken.CannotBeClosedTwice, ['Poller.close:']],
];

for (const [BrokenPoller, promises] of FAULTS) {
  test(`a poller that ${BrokenPoller.name} fails ${promises.join(', ')}`, async () => {
    const { failed } = await collect(fakeHarness(() => new BrokenPoller()));
    expect(failed.map((name) => name.split(' ')[0])).toEqual(expect.arrayContaining(promises));
  });
}
