import { FakePoller } from '@em/testing';
import { contract } from '@em/testing/contract';
import { describe, test } from 'vitest';
import { fakeHarness } from './fake-harness.js';

contract({ name: 'FakePoller', describe, test, harness: fakeHarness(() => new FakePoller()) });
