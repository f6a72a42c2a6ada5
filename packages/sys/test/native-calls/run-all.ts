// Makes the calls of native-calls.test.ts in the main thread and in two workers, and then ends: a sanitizer looks for leaks
// at the end of a process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { binding } from '../../src/addon/binding.js';
import { CALLS, type NativeName } from './calls.js';
import { CASES } from './cases.js';
import { Files } from './files.js';

function runAll(pid: number): void {
  for (const name of Object.keys(CALLS) as NativeName[]) {
    for (const attempt of Object.values(CASES)) {
      using files = new Files(binding(), pid);
      attempt(files, name);
    }
  }
}

if (isMainThread) {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const { pid = -1 } = child;
  runAll(pid);
  const options = { workerData: pid, trackUnmanagedFds: false };
  const workers = [1, 2].map(() => new Worker(new URL(import.meta.url), options));
  const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')));
  child.kill('SIGKILL');
  process.exitCode = Math.max(...codes.flat());
} else {
  runAll(workerData);
}
