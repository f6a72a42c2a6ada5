import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { stopSignal } from '../src/stop-signal.js';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];

  exit(code: number): void {
    this.exits.push(code);
  }
}

test.each(['SIGINT', 'SIGTERM'])('%s aborts, and lets the process end by itself', (name) => {
  const process = new FakeProcess();
  const signal = stopSignal(process);
  expect(signal.aborted).toBe(false);
  process.emit(name);
  expect(signal.aborted).toBe(true);
  expect(process.exits).toEqual([]);
});

test.each([
  ['SIGINT', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
  ['SIGTERM', 'SIGINT', 130],
])('%s and then %s exits with %d', (first, second, code) => {
  const process = new FakeProcess();
  stopSignal(process);
  process.emit(first);
  process.emit(second);
  expect(process.exits).toEqual([code]);
});
