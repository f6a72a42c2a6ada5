import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { FromWorker } from '../../src/workers/worker-side.js';
import { type ParentPort, serveParent } from '../../src/workers/worker-side.js';

class FakePort extends EventEmitter implements ParentPort {
  readonly messages: FromWorker[] = [];
  isClosed = false;

  postMessage(message: FromWorker): void {
    this.messages.push(message);
  }

  close(): void {
    this.isClosed = true;
  }
}

const health = 'serving';

test('a worker reports that it serves, drains when it is asked to, and lets its thread end', async () => {
  const port = new FakePort();
  const drains: number[] = [];
  const failure = new Promise<never>(() => undefined);
  const drain = (deadlineMs: number): Promise<void> => {
    drains.push(deadlineMs);
    return Promise.resolve();
  };
  const served = serveParent(port, { health, drain }, failure);
  expect(port.messages).toEqual([{ kind: 'ready' }]);
  port.emit('message', { kind: 'ping' });
  expect(port.messages.at(-1)).toEqual({ kind: 'pong' });
  port.emit('message', { kind: 'drain', deadlineMs: 500 });
  await served;
  expect(drains).toEqual([500]);
  expect(port.isClosed).toBe(true);
});

test('a worker whose thread fails ends with that error', async () => {
  const failure = Promise.reject(new Error('broken'));
  const drain = (): Promise<void> => Promise.resolve();
  await expect(serveParent(new FakePort(), { health, drain }, failure)).rejects.toThrow('broken');
});
