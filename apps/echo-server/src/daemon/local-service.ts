import type { EventManager } from '@em/core';
import type { EchoServer } from '../server.js';
import type { Service } from './service.js';

/** Serves in this thread, inside its event loop. */
export function localService(manager: EventManager, server: EchoServer): Service {
  const running = manager.run();
  return {
    failure: new Promise((_resolve, reject) => running.catch(reject)),
    // Whoever asks is served by the same event loop.
    isResponsive: () => true,
    async drain(deadlineMs) {
      await server.drain(deadlineMs);
      manager.close();
      await running;
    },
  };
}
