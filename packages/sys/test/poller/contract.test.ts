import { contract } from '@em/testing/contract';
import { describe, test } from 'vitest';
import * as sys from '../../src/index.js';
import { epollHarness } from './epoll-harness.js';

contract({ name: 'EpollPoller', describe, test, harness: epollHarness(sys) });
