// Says when there is the first event: that random(4) can be read, which is so at any time.

import { openSync } from 'node:fs';
import { EventSet } from '@em/core';
import { createEventManager } from '@em/sys';

const manager = createEventManager();
manager.add(openSync('/dev/random', 'r'), EventSet.IN, () => console.log('ready'));
manager.wait();
