// node-test.test.ts runs this file with `node --test`. It is not a test of vitest.
import { describe, test } from 'node:test';
import { FakePoller } from '@em/testing';
import { contract } from '@em/testing/contract';
import { fakeHarness } from '../fake-harness.ts';

contract({ name: 'FakePoller', describe, test, harness: fakeHarness(() => new FakePoller()) });

const { createPoller, createFd } = fakeHarness(() => new FakePoller());
contract({
  name: 'FakePoller, with a harness that lacks the optional methods',
  describe,
  test,
  harness: { createPoller, createFd, lacks: ['timeouts'] },
});
