// Waits for one event while the manager runs. argv: how the wait ends. Prints `exit` when the process ends by itself.

import { EventFd, EventManager, EventSet } from '@em/sys';

const manager = new EventManager();
const eventFd = new EventFd();
const controller = new AbortController();
const options = { event: {}, abort: { signal: controller.signal }, timeout: { timeoutMs: 50 } }[process.argv[2]];

process.on('exit', () => console.log('exit'));
manager.run();
setTimeout(() => (process.argv[2] === 'event' ? eventFd.write() : controller.abort()), 50).unref();
manager.once(eventFd, EventSet.IN, options).then(
  (events) => console.log(EventSet.format(events)),
  ({ name, code }) => console.log(name, code),
);
