// Watches and ends a process that this one did not start. child_process can do that only for its own children.

import { execFileSync } from 'node:child_process';
import { EventManager, EventSet, PidFd } from '@em/sys';

// A daemon, known only by its pid. The shell that starts it has ended when this returns.
const pid = Number(execFileSync('sh', ['-c', 'sleep 60 > /dev/null 2>&1 & echo $!'], { encoding: 'utf8' }));

using manager = new EventManager();
using daemon = new PidFd(pid);

manager.add(daemon, EventSet.IN, () => {
  console.log('it has ended');
  clearTimeout(patience);
  manager.stop();
});

console.log('it runs:', daemon.sendSignal(0));
daemon.sendSignal('SIGTERM');
const patience = setTimeout(() => daemon.sendSignal('SIGKILL'), 5_000);
await manager.run();
