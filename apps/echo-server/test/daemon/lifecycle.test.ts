import { beforeEach, describe, expect, test } from 'vitest';
import { Count, Counters } from '../../src/counters.js';
import { type Lifecycle, serveUntilStopped } from '../../src/daemon/lifecycle.js';
import { FakeLog } from '../fakes/fake-log.js';

let steps: string[];
let log: FakeLog;
let lifecycle: Lifecycle;

beforeEach(() => {
  steps = [];
  log = new FakeLog();
  const counters = new Counters();
  counters.add(Count.CONNECTIONS, 3);
  lifecycle = {
    service: {
      failure: new Promise(() => undefined),
      drain: (deadlineMs) => {
        steps.push(`drain ${deadlineMs}`);
        return Promise.resolve(0);
      },
    },
    sockets: [{ close: () => void steps.push('close') }],
    counters,
    log,
    stop: Promise.resolve('SIGTERM'),
    drainMs: 42,
  };
});

describe('when the signal comes', () => {
  test('the server drains, sockets and their files go at once, and all of it is logged', async () => {
    await serveUntilStopped(lifecycle);
    expect(steps).toEqual(['drain 42', 'close']);
    expect(log.lines).toEqual(['info stopping signal=SIGTERM connections=3', 'info stopped']);
  });

  test('clients that are cut off are told of', async () => {
    await serveUntilStopped({ ...lifecycle, service: { ...lifecycle.service, drain: () => Promise.resolve(2) } });
    expect(log.lines).toContain('warn clients were cut off clients=2');
  });
});

test('a service that fails ends it', async () => {
  const service = { ...lifecycle.service, failure: Promise.reject(new Error('broken')) };
  await expect(serveUntilStopped({ ...lifecycle, stop: new Promise(() => undefined), service })).rejects.toThrow(
    'broken',
  );
  expect(steps).toEqual([]);
});
