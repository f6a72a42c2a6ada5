// Starts children, reaps them in a loop of wait(), and posts their exit codes and how many of them are left as zombies.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { EventManager, EventSet, PidFd } from '@em/sys';

const manager = new EventManager();
const reaped = [];
for (let exitCode = 0; exitCode < 20; exitCode++) {
  const child = spawn('sh', ['-c', `exit ${exitCode}`], { stdio: 'ignore' });
  child.unref();
  const pidFd = new PidFd(child.pid);
  manager.add(
    pidFd,
    EventSet.IN,
    (_events, registration) => {
      reaped.push(pidFd.reap());
      registration.delete();
    },
    { own: true },
  );
}
while (manager.size > 0) {
  manager.wait();
}
manager.close();
parentPort.postMessage({
  exitCodes: reaped.map(({ exitCode }) => exitCode).sort((a, b) => a - b),
  left: reaped.filter(({ pid }) => existsSync(`/proc/${pid}`)).length,
});
