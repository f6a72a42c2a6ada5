// A periodic timer that does not drift, even if a callback takes long, and a pause in it.

import { EventManager, EventSet, TimerFd } from '@em/sys';

const MS = 1_000_000n;
const BEATS = 5n;

using manager = new EventManager();
using beat = new TimerFd();
using pause = new TimerFd();
let beats = 0n;

manager.add(beat, EventSet.IN, () => {
  // More than 1 if the callback is late: no beat is lost.
  for (let left = beat.read() ?? 0n; left > 0n && beats < BEATS; left--) {
    beats++;
    console.log(`beat ${beats}`);
  }
  if (beats === BEATS) {
    beat.disarm();
    pause.set({ atNs: process.hrtime.bigint() + 20n * MS });
  }
});

manager.add(pause, EventSet.IN, () => {
  pause.read();
  console.log('nothing for 20 ms:', beat.remaining() === undefined ? 'not armed' : 'armed');
  manager.stop();
});

beat.set({ everyNs: 5n * MS });
await manager.run();
