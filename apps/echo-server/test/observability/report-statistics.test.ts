import { EventEmitter } from 'node:events';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { Count, Counters } from '../../src/counters.js';
import { reportStatistics } from '../../src/observability/metrics.js';
import { FakeLog } from '../fakes/fake-log.js';
import { pass } from '../fakes/settle.js';

function report(everyMs: number) {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const process = new EventEmitter();
  const counters = new Counters();
  const log = new FakeLog();
  reportStatistics(counters, log, process, manager, everyMs);
  return { process, counters, log, pass: (timeMs: number) => pass(manager, poller, timeMs) };
}

test('the current statistics are logged on SIGUSR2', () => {
  const { process, counters, log, pass } = report(Number.POSITIVE_INFINITY);
  counters.add(Count.accepted, 5);
  process.emit('SIGUSR2');
  expect(log.lines).toEqual([expect.stringMatching(/^info statistics connections=0 accepted=5 /)]);
  pass(10 ** 9);
  expect(log.lines).toHaveLength(1);
});

test('statistics are logged periodically', () => {
  const { log, pass } = report(60_000);
  pass(180_000);
  expect(log.lines).toHaveLength(3);
});
