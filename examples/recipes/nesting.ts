// A library has an event manager of its own. The program adds it to its own manager, and drives both in one loop.

import { EventManager, EventSet, Pipe, TimerFd } from '@em/sys';

/** A library that counts the beats of a timer. Its users do not see what it waits on. */
class Beats {
  readonly manager = new EventManager();
  readonly #timer = new TimerFd();
  count = 0n;

  constructor(everyNs: bigint) {
    this.#timer.set({ everyNs });
    this.manager.add(this.#timer, EventSet.IN, () => {
      this.count += this.#timer.read() ?? 0n;
    });
  }

  [Symbol.dispose](): void {
    this.manager.close();
    this.#timer.close();
  }
}

using manager = new EventManager();
using beats = new Beats(2_000_000n);
const { reader, writer } = Pipe.open();

manager.add(beats.manager, EventSet.IN, () => beats.manager.wait(0));
manager.add(reader, EventSet.IN, () => console.log('read', reader.read(Buffer.alloc(8)), 'bytes'));

writer.write(Buffer.from('hello'));
while (beats.count < 3n) {
  manager.wait();
}
console.log('3 beats or more:', beats.count >= 3n);
reader.close();
writer.close();
