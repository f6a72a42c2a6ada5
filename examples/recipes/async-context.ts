// Each callback sees the AsyncLocalStorage of the request that added it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { type EventCallback, EventFd, EventManager, EventSet } from '@em/sys';

const request = new AsyncLocalStorage<string>();

async function serve(bind: (callback: EventCallback) => EventCallback): Promise<void> {
  using manager = new EventManager();
  using early = new EventFd();
  using late = new EventFd();
  const say = (what: string) => console.log(`  ${what} of request ${request.getStore()}`);
  const onEarly = () => {
    say('event');
    early.read();
  };
  const onLate = async () => {
    late.read();
    await setImmediate();
    say('what follows an event');
    manager.stop();
  };
  request.run('A', () => manager.add(early, EventSet.IN, bind(onEarly)));
  request.run('B', () => manager.add(late, EventSet.IN, bind(onLate)));
  early.write();
  request.run('C', () => manager.wait());
  late.write();
  await request.run('D', () => manager.run());
}

console.log('bound:');
await serve((callback) => AsyncLocalStorage.bind(callback));

console.log('not bound:');
await serve((callback) => callback);
