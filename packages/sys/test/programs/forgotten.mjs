// Forgets fd objects in several ways, collects garbage, and prints what happened to their fds. Also runs as a worker.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, parentPort } from 'node:worker_threads';
import { close, dup, EpollPoller, EventFd, EventManager, EventSet, open, Pipe, write } from '@em/sys';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const manager = new EventManager();
const warnings = [];
const ofPollers = [];
process.on('warning', ({ name, code, message }) =>
  (message.startsWith('EpollPoller') ? ofPollers : warnings).push({ name, code, message }),
);

// libuv opens a file for itself with the first stream of a process. This must not happen with the first warning, when
// the file could get a number that has just become free.
process.stderr.write('');

// Each of them is a function, so that the stack does not hold the objects.
const forget = () => new EventFd().fd;
const forgetClosed = () => {
  const eventFd = new EventFd();
  const { fd } = eventFd;
  eventFd.close();
  return fd;
};
const forgetDetached = () => new EventFd().detach();
const forgetRegistered = () => {
  let calls = 0;
  const { fd } = manager.add(new EventFd(), EventSet.IN, () => {
    calls++;
  });
  return { fd, calls: () => calls };
};
const forgetPaused = () => {
  const registration = manager.add(Pipe.open().reader, EventSet.IN, () => undefined);
  registration.pause();
  return registration.fd;
};
const forgetClosedByNumber = () => {
  const { fd } = new EventFd();
  close(fd);
  return fd;
};

/** Forgets pollers in several ways. Each function returns an object to hold. */
const FORGET_POLLER = {
  poller: () => void new EpollPoller(),
  manager: () => void new EventManager(),
  'manager with a waker': () => new EventManager().waker(),
  'manager after run()': async () => {
    const lost = new EventManager();
    const running = lost.run();
    lost.stop();
    await running;
  },
  'manager of files whose poll consumes the event': () => {
    const lost = new EventManager();
    const mounts = open('/proc/self/mounts');
    lost.add(mounts, EventSet.PRIORITY | EventSet.ONE_SHOT, () => undefined);
    lost.delete(mounts);
    close(mounts);
  },
  'manager whose fd was read': () => void new EventManager().fd,
  'manager that was in another one': () => {
    const lost = new EventManager();
    manager.add(lost, EventSet.IN, () => lost.wait(0)).delete();
  },
  'manager that was rebuilt': () => new EpollPoller().rebuild([]),
  'manager with a registration of a number': () => {
    const eventFd = new EventFd();
    new EventManager().add(eventFd.fd, EventSet.IN, () => undefined);
    return eventFd;
  },
};
const KEEP_POLLER = {
  'closed manager': () => new EventManager().close(),
  'manager whose fd object is held': () => {
    const eventFd = new EventFd();
    new EventManager().add(eventFd, EventSet.IN, () => undefined);
    return eventFd;
  },
};

const filesOf = () => new Set(readdirSync('/proc/self/fd').filter((fd) => isOpen(fd)));

/**
 * Reports what happens to the fds that `forget` opens. Its result is held meanwhile. `lost`: whether they must be
 * closed.
 */
async function fateOf(forget, lost) {
  const before = filesOf();
  const kept = await forget();
  const opened = [...filesOf()].filter((fd) => !before.has(fd) && Number(fd) !== kept?.fd);
  while (lost && (opened.some(isOpen) || ofPollers.length === 0)) {
    gc();
    await setImmediate();
  }
  warnings.length = 0;
  await collect();
  await collect();
  const fate = { opened: opened.length, left: opened.filter(isOpen).length, warnings: ofPollers.splice(0) };
  kept?.close?.();
  return fate;
}

/** Threads of the runtime leave lower numbers free, and hold this one for a moment. */
function duplicateAs(number, fd) {
  const others = [];
  for (let copy = dup(fd); copy !== number; copy = dup(fd)) {
    others.push(copy);
    if (copy > number) {
      others.splice(0).forEach(close);
    }
  }
  others.forEach(close);
}

const isOpen = (fd) => existsSync(`/proc/self/fd/${fd}`);
const warned = (fd) => warnings.filter(({ message }) => message.includes(`fd ${fd} `));

/**
 * Collects until an object that is forgotten now is reported. Objects that were forgotten before are reported by then.
 */
async function collect() {
  const canary = forget();
  while (warned(canary).length === 0) {
    gc();
    await setImmediate();
  }
  warnings.splice(warnings.indexOf(warned(canary)[0]), 1);
}

const registered = forgetRegistered();
const paused = forgetPaused();
const forgotten = forget();
const detached = forgetDetached();
const closed = forgetClosed();
duplicateAs(closed, detached);
await collect();
const report = {
  forgotten: { isOpen: isOpen(forgotten), warnings: warned(forgotten) },
  detached: { isOpen: isOpen(detached), warnings: warned(detached) },
  closed: { isOpen: isOpen(closed), warnings: warned(closed) },
  registered: { isOpen: isOpen(registered.fd), warnings: warned(registered.fd) },
  paused: { isOpen: isOpen(paused), warnings: warned(paused) },
};

write(registered.fd, ONE);
manager.wait(0);
report.registered.calls = registered.calls();
report.registered.file = readlinkSync(`/proc/self/fd/${registered.fd}`);

manager.delete(registered.fd);
warnings.length = 0;
await collect();
report.deleted = { isOpen: isOpen(registered.fd), warnings: warned(registered.fd) };

if (isMainThread) {
  for (const [name, forget] of Object.entries(FORGET_POLLER)) {
    report[name] = await fateOf(forget, true);
  }
  for (const [name, forget] of Object.entries(KEEP_POLLER)) {
    report[name] = await fateOf(forget, false);
  }

  // Not in a worker, because another thread could get the number meanwhile.
  const byNumber = forgetClosedByNumber();
  warnings.length = 0;
  await collect();
  report.closedByNumber = { warnings: warned(byNumber) };
  console.log(JSON.stringify(report));
} else {
  parentPort.postMessage({ report, fd: forgotten });
  parentPort.once('message', () => process.exit());
}
