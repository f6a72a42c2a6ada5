import { describe, test } from 'node:test';
import { EventSet } from '@em/core';
import { contract } from '@em/testing/contract';
import { type Channels, createChannels, lower, raise } from './channels.ts';
import { ChannelPoller } from './poller.ts';

const COUNT = 400;
let channels: Channels;
let next: number;

const createFd = () => {
  const fd = next++;
  return {
    fd,
    makeReady: () => raise(channels, fd, EventSet.IN),
    clear: () => lower(channels, fd, EventSet.IN),
    hangUp: () => raise(channels, fd, EventSet.HANG_UP),
    close: () => undefined,
  };
};

contract({
  name: 'ChannelPoller',
  describe,
  test,
  harness: {
    createPoller: () => {
      channels = createChannels(COUNT);
      next = 0;
      return new ChannelPoller(channels);
    },
    createFd,
    createHangUpFd: createFd,
    createRefusedFd: () => ({ fd: COUNT, close: () => undefined }),
    lacks: ['edge-triggered', 'exclusive', 'out', 'closing', 'fd-reuse', 'rebuild'],
  },
});
