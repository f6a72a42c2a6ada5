// Not a vitest file: `node --test` runs it, started by node-test.test.ts.
import { describe, test } from 'node:test';
import { FakePoller } from '@em/testing';
import { contract } from '@em/testing/contract';
import { fakeHarness } from '../fake-harness.ts';

contract({ name: 'FakePoller', describe, test, harness: fakeHarness(() => new FakePoller()) });

const { createPoller, createSource } = fakeHarness(() => new FakePoller());
contract({
  name: 'FakePoller, with a harness that has little',
  describe,
  test,
  harness: { createPoller, createSource, lacks: ['timeouts'] },
});
