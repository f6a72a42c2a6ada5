import type { EventManager } from '@em/core';
import type { EchoServer } from '../server.js';
import type { Service } from './service.js';

/** Serves in this thread, inside its event loop. */
export function localService(manager: EventManager, server: EchoServer): Service {
  const running = manager.run();
  return {
    failure: new Promise((_resolve, reject) => running.catch(reject)),
    async drain(deadlineMs) {
      const cutOff = await server.drain(deadlineMs);
      manager.close();
      await running;
      return cutOff;
    },
  };
}
