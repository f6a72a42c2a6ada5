// Reports the first event: IN of random(4), which can always be read.

import { openSync } from 'node:fs';
import { EventManager, EventSet } from '@em/sys';

const manager = new EventManager();
manager.add(openSync('/dev/random', 'r'), EventSet.IN, () => console.log('ready'));
manager.wait();
