import { EventEmitter } from 'node:events';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { Count, Counters, METRICS } from '../../src/counters.js';
import { prometheusText, reportStatistics, statistics } from '../../src/observability/metrics.js';
import { FakeLog } from '../fakes/fake-log.js';
import { pass } from '../fakes/settle.js';

test('no two counts have the same names or the same help', () => {
  for (const property of ['count', 'name', 'help'] as const) {
    expect(new Set(METRICS.map((metric) => metric[property])).size).toBe(METRICS.length);
  }
});

test('statistics have every count by its name', () => {
  const counters = new Counters();
  counters.add(Count.connections, 3);
  counters.add(Count.bytesSent, 2 ** 40);
  const values = statistics(counters);
  expect(values).toMatchObject({ connections: 3, accepted: 0, bytesSent: 2 ** 40 });
  expect(Object.keys(values)).toHaveLength(METRICS.length);
});

test('the text for Prometheus has the help, type and value of each count', () => {
  const counters = new Counters();
  counters.add(Count.connections, 3);
  counters.add(Count.accepted, 10 ** 7);
  const text = prometheusText(counters);
  expect(text).toContain(
    '# HELP em_echo_connections Open connections.\n# TYPE em_echo_connections gauge\nem_echo_connections 3\n',
  );
  expect(text).toContain(
    '# TYPE em_echo_connections_accepted_total counter\nem_echo_connections_accepted_total 10000000\n',
  );
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+ \d+(\.\d+)?)$/);
  }
});

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
