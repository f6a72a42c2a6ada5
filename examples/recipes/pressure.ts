// Prints a line when programs have to wait for memory. This program also starts one that has to.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { PressureTrigger } from '@em/devices/pressure';
import { EventManager, EventSet } from '@em/sys';

using manager = new EventManager();
// If any program waited for 150 ms of a window of 2 s.
using trigger = PressureTrigger.open({ resource: 'memory', stallMicroseconds: 150_000, windowMicroseconds: 2_000_000 });

manager.add(trigger, EventSet.PRIORITY, () => {
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
