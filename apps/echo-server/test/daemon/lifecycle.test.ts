import { EventEmitter } from 'node:events';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Count, Counters } from '../../src/counters.js';
import { type Lifecycle, type StopSignal, serveUntilStopped, stopSignal } from '../../src/daemon/lifecycle.js';
import { Status } from '../../src/daemon/service.js';
import { ServiceManager } from '../../src/daemon/service-manager.js';
import { FakeLog } from '../fakes/fake-log.js';

let steps: string[];
let log: FakeLog;
let counts: Counters;
let stop: (signal: StopSignal) => void;
let lifecycle: Lifecycle;

beforeEach(() => {
  steps = [];
  log = new FakeLog();
  counts = new Counters();
  counts.add(Count.connections, 3);
  const manager = new EventManager({ poller: new FakePoller() });
  const connect = () => ({
    send: (message: Uint8Array) => steps.push(`notify ${message}`),
    close: () => undefined,
  });
  lifecycle = {
    service: {
      health: 'serving',
      drain: (deadlineMs) => {
        steps.push(`drain ${deadlineMs}`);
        return Promise.resolve();
      },
    },
    failure: new Promise(() => undefined),
    counts,
    places: [{ url: 'tcp://a:1', removeFile: () => void steps.push('remove file') }],
    status: new Status(),
    serviceManager: new ServiceManager({ env: { NOTIFY_SOCKET: '/x' }, pid: 42, log, manager, connect }),
    log,
    stop: new Promise((resolve) => {
      stop = resolve;
    }),
    drainMs: 42,
    announce: () => steps.push('announce'),
  };
});

test('a server that starts sets its status, prints the ready line, and notifies the service manager', async () => {
  const served = serveUntilStopped(lifecycle);
  expect(lifecycle.status).toMatchObject({ phase: 'serving', counts: lifecycle.counts, service: lifecycle.service });
  expect(steps).toEqual(['announce', 'notify READY=1\nSTATUS=listening on tcp://a:1']);
  stop('SIGINT');
  await served;
});

describe('at the stop signal', () => {
  test('the server removes the files of its sockets at once, drains, and reports each step', async () => {
    const served = serveUntilStopped(lifecycle);
    steps.length = 0;
    stop('SIGTERM');
    await served;
    expect(steps).toEqual(['notify STOPPING=1', 'drain 42', 'remove file']);
    expect(lifecycle.status.phase).toBe('stopping');
    expect(log.lines).toEqual(['info stopping signal=SIGTERM connections=3', 'info stopped']);
  });

  test('a socket file that cannot be removed is logged, and the server still drains', async () => {
    const removeFile = () => {
      throw new Error('EROFS: read-only file system');
    };
    const [place] = lifecycle.places;
    stop('SIGTERM');
    await serveUntilStopped({ ...lifecycle, places: [{ url: 'unix:/a', removeFile }, ...(place ? [place] : [])] });
    expect(steps).toContain('drain 42');
    expect(steps).toContain('remove file');
    expect(log.lines).toContain('warn the socket file stays url=unix:/a reason=EROFS: read-only file system');
    expect(log.lines.at(-1)).toBe('info stopped');
  });

  test('the server logs the number of clients that are cut off', async () => {
    counts.add(Count.cutOff, 5);
    const drain = () => Promise.resolve(counts.add(Count.cutOff, 2));
    stop('SIGTERM');
    await serveUntilStopped({ ...lifecycle, service: { ...lifecycle.service, drain } });
    expect(log.lines).toContain('warn clients were cut off clients=2');
  });
});

test('a thread that fails ends the server', async () => {
  const failure = Promise.reject(new Error('broken'));
  await expect(serveUntilStopped({ ...lifecycle, failure })).rejects.toThrow('broken');
  expect(steps).not.toContain('drain 42');
});

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
