import { afterAll, beforeAll, describe, vi } from 'vitest';

/** Defines tests twice: libuv watches the epoll instance under run(), or a thread does, as on Bun and Deno. */
export function onEachHostLoop(what: string, define: (watcher: 'libuv' | 'a thread') => void): void {
  describe.each(['libuv', 'a thread'] as const)(`${what}, by %s`, (watcher) => {
    beforeAll(() => {
      // The workers and processes that a test starts inherit it.
      vi.stubEnv('EM_SYS_HOST_LOOP', watcher === 'libuv' ? undefined : 'thread');
    });
    afterAll(() => {
      vi.unstubAllEnvs();
    });
    define(watcher);
  });
}
