// timers WAY SPREAD: sets 10,000 timers and cancels them, again and again. Their delays differ by up to SPREAD ms.

import { EventManager, EventSet, type Registration, type Timer, TimerFd } from '@em/sys';
import { takeRounds } from './take-rounds.ts';

const [, , way = '', spreadGiven] = process.argv;
const spreadMs = Number(spreadGiven);

const TIMERS = 10_000;
const DELAY_MS = 60_000;

function doNothing(): void {
  throw new Error('No timer is due that early');
}

/** Calls `setAndCancel` with the delays of at most 10,000 timers at a time. */
function inBlocks(setAndCancel: (delaysMs: number[]) => void): Promise<void> {
  return takeRounds((operations) => {
    for (let left = operations; left > 0; left -= TIMERS) {
      setAndCancel(delaysMs.slice(0, left));
    }
  });
}

/** In no order. */
const delaysMs = Array.from(
  { length: TIMERS },
  (_, index) => DELAY_MS + Math.floor((((index * 7_919) % TIMERS) * spreadMs) / TIMERS),
);

switch (way) {
  case 'manager': {
    const manager = new EventManager();
    const timers: Timer[] = [];
    await inBlocks((delays) => {
      for (const delayMs of delays) {
        timers.push(manager.after(delayMs, doNothing));
      }
      for (const timer of timers) {
        timer.cancel();
      }
      timers.length = 0;
    });
    break;
  }
  case 'node': {
    const timers: NodeJS.Timeout[] = [];
    await inBlocks((delays) => {
      for (const delayMs of delays) {
        timers.push(setTimeout(doNothing, delayMs));
      }
      for (const timer of timers) {
        clearTimeout(timer);
      }
      timers.length = 0;
    });
    break;
  }
  case 'timer-fd': {
    const manager = new EventManager();
    const registrations: Registration[] = [];
    await inBlocks((delays) => {
      for (const delayMs of delays) {
        const timer = new TimerFd();
        timer.set({ afterNs: BigInt(delayMs) * 1_000_000n });
        registrations.push(manager.add(timer, EventSet.IN, doNothing, { own: true }));
      }
      for (const registration of registrations) {
        registration.delete();
      }
      registrations.length = 0;
    });
    break;
  }
  default:
    throw new Error(`There is no way to set timers called ${way}`);
}
process.exit();
