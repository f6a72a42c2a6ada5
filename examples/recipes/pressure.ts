// Prints a line when programs have to wait for memory. This program also starts one that has to.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { close, EventManager, EventSet, open, write } from '@em/sys';

/** For one control group, this is its file `memory.pressure`. There are `cpu` and `io`, too. */
const PRESSURE = '/proc/pressure/memory';
/** If any program waited for 150 ms of a window of 2 s. In microseconds. */
const TRIGGER = 'some 150000 2000000';

using manager = new EventManager();
const fd = open(PRESSURE, constants.O_RDWR | constants.O_NONBLOCK);
write(fd, Buffer.from(`${TRIGGER}\0`));

const registration = manager.add(fd, EventSet.PRIORITY, () => {
  console.log('programs wait for memory');
  manager.stop();
});

// A control group that may have 16 MB, and a program in it that wants all there is.
const GROUP = '/sys/fs/cgroup/greedy';
writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+memory');
mkdirSync(GROUP);
writeFileSync(`${GROUP}/memory.high`, '16M');
const greedy = spawn('sh', ['-c', `echo $$ > ${GROUP}/cgroup.procs && exec tail /dev/zero`]);

await manager.run();
greedy.kill('SIGKILL');
await once(greedy, 'close');
rmdirSync(GROUP);
registration.delete();
close(fd);
