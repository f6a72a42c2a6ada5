// Runs in the browser: dispatches on a poller of its own, and leaves what it saw in the title.

import { EventManager, EventSet } from '/core.js';

/** The keys of a keyboard as fds: readable while pressed. */
class KeyPoller {
  pressed = new Set();
  #generations = new Map();

  add(key, _events, generation) {
    this.#generations.set(key, generation);
  }

  modify(key, _events, generation) {
    this.#generations.set(key, generation);
  }

  delete(key) {
    this.#generations.delete(key);
  }

  wait(batch) {
    let count = 0;
    for (const key of this.pressed) {
      if (this.#generations.has(key) && count < batch.capacity) {
        batch.set(count++, EventSet.IN, key, this.#generations.get(key));
      }
    }
    batch.cause = count > 0 ? 'events' : 'timeout';
    return count;
  }

  wake() {
    // Nothing blocks here.
  }

  close() {
    this.pressed.clear();
  }
}

const poller = new KeyPoller();
const manager = new EventManager({ poller });
const seen = [];
manager.add(65, EventSet.IN, (events) => seen.push(EventSet.format(events)));
addEventListener('keydown', ({ keyCode }) => {
  poller.pressed.add(keyCode);
  seen.push(manager.wait(0));
});
dispatchEvent(new KeyboardEvent('keydown', { keyCode: 65 }));
document.body.textContent = `seen: ${seen.join(' ')}`;
