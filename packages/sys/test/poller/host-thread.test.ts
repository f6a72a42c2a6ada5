import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { close, dup, EventFd, EventManager, EventSet } from '../../src/index.js';
import { openFiles } from '../support/open-files.js';

const { IN } = EventSet;

beforeEach(() => {
  vi.stubEnv('EM_SYS_HOST_LOOP', 'thread');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** What `/proc` says of the threads of this process that watch for a host loop. */
function hostThreads(): string[] {
  return readdirSync('/proc/self/task')
    .map((id) => readFileSync(`/proc/self/task/${id}/status`, 'utf8'))
    .filter((status) => /^Name:\tem-host-thread$/m.test(status));
}

/** A thread has its name once it runs. */
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

test('there is one thread, and two files with it, from the start of run() to its end, however it ends', async () => {
  using manager = new EventManager();
  const before = openFiles();
  const controller = new AbortController();
  for (const end of [() => manager.stop(), () => controller.abort()]) {
    const run = manager.run({ signal: controller.signal });
    await oneHostThread();
    expect(openFiles()).toBe(before + 2);
    end();
    expect(hostThreads()).toEqual([]);
    expect(openFiles()).toBe(before);
    await run;
  }
  const run = manager.run();
  await oneHostThread();
  manager.close();
  expect(hostThreads()).toEqual([]);
  await run;
});

test('there is one still after the poller was rebuilt', async () => {
  using manager = new EventManager();
  const orphan = new EventFd(1).detach();
  const keeper = dup(orphan);
  const registration = manager.add(orphan, IN, vi.fn());
  close(orphan);
  registration.delete();
  const before = openFiles();
  const run = manager.run();
  while (manager.stats.waits < 2) {
    await setImmediate();
  }
  await oneHostThread();
  expect(openFiles()).toBe(before + 2);
  manager.stop();
  await run;
  close(keeper);
});

test('the thread leaves signals to the threads of the host, which they are to interrupt', async () => {
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
