import * as sys from '@em/sys';
import { contract } from '@em/testing/contract';
import { epollHarness } from '../poller/epoll-harness.js';
import { describe, runTests, test } from './tap.js';

contract({ name: 'EpollPoller', describe, test, harness: epollHarness(sys) });
await runTests();
