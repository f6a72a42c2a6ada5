// Reports the first event of a poller that always has one.

import { EventManager, EventSet } from '@em/core';

let generation = 0;
const poller = {
  add: (_fd, _events, given) => {
    generation = given;
  },
  modify: () => undefined,
  delete: () => undefined,
  wait: (batch) => {
    batch.set(0, 7, EventSet.IN, generation);
    batch.cause = 'events';
    return 1;
  },
  wake: () => undefined,
  close: () => undefined,
};
const manager = new EventManager({ poller });
manager.add(7, EventSet.IN, () => console.log('ready'));
manager.wait();
