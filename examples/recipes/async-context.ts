// Each callback sees the AsyncLocalStorage of whoever added it: the request that it belongs to, for one.

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { EventFd, EventManager, EventSet } from '@em/sys';

const request = new AsyncLocalStorage<string>();

async function serve(manager: EventManager): Promise<void> {
  using early = new EventFd();
  using late = new EventFd();
  const say = (what: string) => console.log(`  ${what} of request ${request.getStore()}`);
  request.run('A', () => {
    manager.add(early, EventSet.IN, () => {
      say('event');
      early.read();
    });
  });
  request.run('B', () => {
    manager.add(late, EventSet.IN, async () => {
      late.read();
      await setImmediate();
      say('what follows an event');
      manager.stop();
    });
  });
  early.write();
  request.run('C', () => manager.wait());
  late.write();
  await request.run('D', () => manager.run());
}

console.log('bound:');
using bound = new EventManager({ bind: (callback) => AsyncLocalStorage.bind(callback) });
await serve(bound);

console.log('not bound:');
using unbound = new EventManager();
await serve(unbound);
