// One thread waits for what another one raises. Prints: channel 0: IN, channel 1: IN, channel 2: IN|HANG_UP.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { EventManager, EventSet } from '@em/core';
import { type Channels, createChannels, raise } from './channels.ts';
import { ChannelPoller } from './poller.ts';

if (isMainThread) {
  waitForAll();
} else {
  raiseAll(workerData);
}

function waitForAll(): void {
  const channels = createChannels(3);
  const manager = new EventManager({ poller: new ChannelPoller(channels) });
  for (const fd of [0, 1, 2]) {
    manager.add(fd, EventSet.IN, (events, registration) => {
      console.log(`channel ${fd}: ${EventSet.format(events)}`);
      registration.delete();
    });
  }
  new Worker(new URL(import.meta.url), { workerData: channels });
  while (manager.size > 0) {
    manager.wait();
  }
  manager.close();
}

function raiseAll(channels: Channels): void {
  raise(channels, 0, EventSet.IN);
  raise(channels, 1, EventSet.IN);
  raise(channels, 2, EventSet.IN | EventSet.HANG_UP);
}
