import { FakePoller } from '@em/testing';
import type { Capability } from '@em/testing/contract';
import { describe, expect, test } from 'vitest';
import { collect } from './collect.js';
import { fakeHarness } from './fake-harness.js';

const full = fakeHarness(() => new FakePoller());

describe('a capability that a poller lacks', () => {
  test.for<Capability>([
    'edge-triggered',
    'one-shot',
    'exclusive',
    'out',
    'closing',
    'fd-reuse',
    'rebuild',
    'timeouts',
    'hang-up',
    'consumed',
    'dup',
    'refusal',
    'interrupt',
    'run',
  ])('skips the scenarios that need it, if it is in `lacks`: %s', async (capability) => {
    const { skipped, failed, passed } = await collect({ ...full, lacks: [capability] });
    expect(failed).toEqual([]);
    expect(skipped.length).toBeGreaterThan(0);
    for (const name of skipped) {
      expect(name).toMatch(new RegExp(`\\(skipped: no ${capability}\\)$`));
    }
    expect(passed.length + skipped.length).toBe((await collect(full)).passed.length);
  });

  test('skips the scenarios that need it, if the harness does not have its method', async () => {
    const { createPoller, createFd } = full;
    const { skipped, failed } = await collect({ createPoller, createFd, lacks: ['timeouts'] });
    expect(failed).toEqual([]);
    const missing = skipped.flatMap((name) => /\(skipped: no (.*)\)$/.exec(name)?.[1]?.split(', no '));
    expect(new Set(missing)).toEqual(
      new Set(['hang-up', 'consumed', 'dup', 'refusal', 'interrupt', 'timeouts', 'run']),
    );
  });
});
