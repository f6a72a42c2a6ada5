import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { stopSignal } from '../../src/daemon/lifecycle.js';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

test.each(['SIGHUP', 'SIGINT', 'SIGTERM'])('%s resolves the promise, and the process goes on', async (name) => {
  const process = new FakeProcess();
  const stop = stopSignal(process);
  process.emit(name);
  expect(await stop).toBe(name);
  expect(process.exits).toEqual([]);
});

test.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
  ['SIGINT', 'SIGHUP', 129],
])('%s and then %s exit with %d', async (first, second, code) => {
  const process = new FakeProcess();
  const stop = stopSignal(process);
  process.emit(first);
  process.emit(second);
  expect(await stop).toBe(first);
  expect(process.exits).toEqual([code]);
});
