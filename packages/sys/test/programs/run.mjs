// Runs a manager inside the event loop. argv: the case. Prints `exit` when the process ends by itself.

import { close, dup, EventFd, EventManager, EventSet } from '@em/sys';

const mode = process.argv[2];
const manager = new EventManager();
const eventFd = new EventFd();
const other = new EventFd(1);

if (mode === 'once-aborted') {
  const controller = new AbortController();
  manager.once(eventFd, EventSet.IN, { signal: controller.signal }).catch(({ name }) => console.log(name));
  setTimeout(() => controller.abort(), 50).unref();
} else if (mode === 'timers' || mode === 'unreferenced-timer') {
  // Without a reference, a timer must not keep the process alive until it is due.
  const delayMs = mode === 'timers' ? 10 : 600_000;
  manager.after(2 * delayMs, () => console.log('last'));
  manager.after(delayMs, () => console.log('first'));
} else if (mode !== 'nothing-registered') {
  manager.add(eventFd, EventSet.IN, () => {
    console.log('ready');
    manager.delete(eventFd.fd);
  });
}
if (mode === 'unreferenced' || mode === 'unreferenced-timer' || mode === 'rebuilt') {
  manager.unref();
}
if (mode === 'registration-unreferenced') {
  manager.get(eventFd.fd).unref();
}
if (mode === 'rebuilt') {
  // The event of an orphan causes a rebuild of the poller.
  const orphan = new EventFd(1).detach();
  dup(orphan);
  const registration = manager.add(orphan, EventSet.IN, () => undefined);
  close(orphan);
  registration.delete();
  const waiting = setInterval(() => {
    if (manager.stats.waits === 2) {
      console.log('rebuilt');
      clearInterval(waiting);
    }
  });
}
process.on('exit', () => console.log('exit'));
if (mode === 'until-empty') {
  eventFd.write();
  void (async () => {
    for (let i = 0; i < 2; i++) {
      await manager.once(other, EventSet.IN);
      console.log('ready');
    }
  })();
  await manager.run({ until: 'empty' });
  console.log('empty');
} else {
  manager.run();
}
if (mode === 'throws') {
  process.on('uncaughtException', ({ message }) => console.log(message));
  setTimeout(() => {
    throw new Error('as usual');
  }, 1);
}
if (mode === 'registered' || mode === 'throws') {
  setTimeout(() => eventFd.write(), 50).unref();
}
