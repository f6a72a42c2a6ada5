import { afterAll, beforeAll, describe, vi } from 'vitest';

/** Defines tests twice, for what watches the epoll instance under run(): libuv, and a thread, as on Bun and Deno. */
export function onEachHostLoop(what: string, define: (watcher: 'libuv' | 'a thread') => void): void {
  describe.each(['libuv', 'a thread'] as const)(`${what}, by %s`, (watcher) => {
    beforeAll(() => {
      // Inherited by the workers and processes that a test starts.
      vi.stubEnv('EM_SYS_HOST_LOOP', watcher === 'libuv' ? undefined : 'thread');
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });
    define(watcher);
  });
}
