// Keeps services running: starts each again when it ends, later each time. On SIGTERM, stops them within a deadline.

import { spawn } from 'node:child_process';
import { EventManager, EventSet, PidFd } from '@em/sys';

const FIRST_DELAY_MS = 10;
const MAX_DELAY_MS = 10_000;
/** A service that ran this long is healthy: when it ends, it starts again soon. */
const HEALTHY_MS = 60_000;
const DEADLINE_MS = 1_000;

// One service that runs, and one that fails twice, then asks this program to end, and ignores that it should end, too.
const FAILING = 'case $ATTEMPT in 1) exit 7;; 2) kill -HUP $$;; esac; trap "" TERM; kill -TERM $PPID; exec sleep 60';

using manager = new EventManager();
const running = new Set<PidFd>();
const ending = new AbortController();

process.once('SIGTERM', end);
start('logger', 'exec sleep 60');
start('web', FAILING);
await manager.run();

function start(name: string, script: string, attempt = 1, delayMs = FIRST_DELAY_MS): void {
  const env = { ...process.env, ATTEMPT: `${attempt}` };
  const child = new PidFd(spawn('sh', ['-c', script], { stdio: 'inherit', env }));
  const startedAt = performance.now();
  running.add(child);
  manager.add(child, EventSet.IN, () => {
    const status = child.exitStatus();
    if (status === undefined) {
      return; // In Deno, the status comes a moment later.
    }
    child.close();
    running.delete(child);
    console.log(`${name}: ${status.signal ?? `exit code ${status.exitCode}`}`);
    if (ending.signal.aborted) {
      stopIfAllEnded();
      return;
    }
    const delay = performance.now() - startedAt > HEALTHY_MS ? FIRST_DELAY_MS : delayMs;
    const again = () => start(name, script, attempt + 1, Math.min(2 * delay, MAX_DELAY_MS));
    manager.after(delay, again, { signal: ending.signal });
    console.log(`${name}: starts again in ${delay} ms`);
  });
}

function end(): void {
  console.log('ending');
  ending.abort();
  signalAll('SIGTERM');
  manager.after(DEADLINE_MS, () => signalAll('SIGKILL'));
  stopIfAllEnded();
}

function signalAll(signal: NodeJS.Signals): void {
  for (const child of running) {
    child.sendSignal(signal);
  }
}

function stopIfAllEnded(): void {
  if (running.size === 0) {
    manager.stop();
  }
}
