import * as sys from '@em/sys';
import { contract } from '@em/testing/contract';
import { describe, runTests, test } from '../../../../tools/ci/runtimes/run-tests.js';
import { epollHarness } from '../poller/epoll-harness.js';

contract({ name: 'EpollPoller', describe, test, harness: epollHarness(sys) });
await runTests();
