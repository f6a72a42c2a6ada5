import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { close, dup, EventFd, EventManager, EventSet } from '../../src/index.js';
import { expectOpened, openFiles } from '../support/open-files.js';

const { IN } = EventSet;

beforeEach(() => {
  vi.stubEnv('EM_SYS_HOST_LOOP', 'thread');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Returns the `/proc` status of each thread of this process that watches for a host loop. */
function hostThreads(): string[] {
  return readdirSync('/proc/self/task')
    .map(statusOf)
    .filter((status) => /^Name:\tem-host-thread$/m.test(status));
}

/** Returns an empty string for a thread that has ended meanwhile. */
function statusOf(id: string): string {
  try {
    return readFileSync(`/proc/self/task/${id}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** A thread that has been joined can still be listed for a moment. */
async function noHostThread(): Promise<void> {
  await vi.waitFor(() => expect(hostThreads()).toEqual([]));
}

/** Waits for the thread, which has its name once it runs. */
async function oneHostThread(): Promise<string> {
  for (;;) {
    const [thread, ...others] = hostThreads();
    expect(others).toEqual([]);
    if (thread !== undefined) {
      return thread;
    }
    await setImmediate();
  }
}

test('run() has one thread and two fds of its own, and frees them however it ends', async () => {
  using manager = new EventManager();
  const before = openFiles();
  const controller = new AbortController();
  for (const end of [() => manager.stop(), () => controller.abort()]) {
    const run = manager.run({ signal: controller.signal });
    await oneHostThread();
    await expectOpened(before, 2);
    end();
    await noHostThread();
    await expectOpened(before);
    await run;
  }
  const run = manager.run();
  await oneHostThread();
  manager.close();
  await noHostThread();
  await run;
});

test('run() has one thread after a rebuild of the poller', async () => {
  using manager = new EventManager();
  const orphan = new EventFd(1).detach();
  const duplicate = dup(orphan);
  const registration = manager.add(orphan, IN, vi.fn());
  close(orphan);
  registration.delete();
  const before = openFiles();
  const run = manager.run();
  while (manager.stats.waits < 2) {
    await setImmediate();
  }
  await oneHostThread();
  await expectOpened(before, 2);
  manager.stop();
  await run;
  close(duplicate);
});

test('the thread blocks all signals, so that they interrupt the threads of the host', async () => {
  using manager = new EventManager();
  const run = manager.run();
  const status = await oneHostThread();
  const blocked = BigInt(`0x${/^SigBlk:\t(.*)$/m.exec(status)?.[1]}`);
  const { SIGCHLD, SIGINT, SIGTERM } = constants.signals;
  for (const signal of [SIGCHLD, SIGINT, SIGTERM]) {
    expect((blocked >> BigInt(signal - 1)) & 1n).toBe(1n);
  }
  manager.stop();
  await run;
});
