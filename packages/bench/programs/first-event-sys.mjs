// Says when there is the first event: that random(4) can be read, which is so at any time.

import { openSync } from 'node:fs';
import { EventManager, EventSet } from '@em/sys';

const manager = new EventManager();
manager.add(openSync('/dev/random', 'r'), EventSet.IN, () => console.log('ready'));
manager.wait();
