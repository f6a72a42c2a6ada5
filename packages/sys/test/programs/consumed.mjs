// Watches /proc/self/mounts, whose poll consumes the event, while it mounts and unmounts in a mount namespace of its
// own. argv: when the file is added, and what drives the manager. Prints how many of the changes were reported.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { EventFd, EventManager, EventSet } from '@em/sys';

const { IN, PRIORITY } = EventSet;
const CHANGES = 6;
const mode = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'em-mount-'));
const manager = new EventManager();
const fd = openSync('/proc/self/mounts', 'r');
// An ordinary fd, which must not be affected.
const eventFd = new EventFd();
let ordinary = 0;
let reported = 0;
let isMounted = false;

function change() {
  execFileSync(...(isMounted ? ['umount', [folder]] : ['mount', ['-t', 'tmpfs', 'none', folder]]));
  isMounted = !isMounted;
  eventFd.write();
}

/** Lets the host loop turn until `isSo` returns true. The test ends a program that hangs. */
async function until(isSo, turn = () => undefined) {
  while (!isSo()) {
    turn();
    await setImmediate();
  }
}

const drive = mode.endsWith('-wait') ? () => manager.wait(0) : () => undefined;
manager.add(eventFd, IN, () => {
  eventFd.read();
  ordinary++;
});
const count = () => void reported++;

if (mode === 'added-before' || mode === 'nested-before') {
  manager.add(fd, PRIORITY, count);
}
// Another manager drives this one.
const outer = mode.startsWith('nested') ? new EventManager() : undefined;
outer?.add(manager, IN, () => manager.wait(0));
const run = mode.endsWith('-wait') ? undefined : (outer ?? manager).run();
if (mode === 'added-after' || mode === 'nested-after' || mode === 'add-wait') {
  manager.add(fd, PRIORITY, count);
}
if (mode === 'added-again') {
  for (let turn = 0; turn < 3; turn++) {
    manager.add(fd, PRIORITY, count).delete();
  }
  manager.add(fd, PRIORITY, count);
}
if (mode === 'paused') {
  const registration = manager.add(fd, PRIORITY, count);
  registration.pause();
  await setImmediate();
  registration.resume();
}
const isOnce = mode.startsWith('once');
if (mode.startsWith('on') && !isOnce) {
  void (async () => {
    for await (const _ of manager.on(fd, PRIORITY)) {
      count();
    }
  })().catch(() => undefined);
  await setImmediate();
}
for (let changes = 1; changes <= CHANGES; changes++) {
  if (isOnce) {
    // The change comes before the call of once(), which still reports it.
    change();
    void manager.once(fd, PRIORITY).then(count);
  } else {
    change();
  }
  await until(() => reported === changes && ordinary === changes, drive);
}
console.log(`${reported} of ${CHANGES}`);
manager.close();
outer?.close();
await run;
closeSync(fd);
rmdirSync(folder);
