import { once } from 'node:events';
import { createServer } from 'node:net';
import { EventManager, TcpListener } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fs } from '../../src/builtins.js';
import type { HostPort } from '../../src/cli/endpoint.js';
import { Count, Counters } from '../../src/counters.js';
import { Status } from '../../src/daemon/service.js';
import { ExitCode } from '../../src/errors.js';
import { HttpEndpoint } from '../../src/observability/http-endpoint.js';
import { systemError } from '../fakes/system-error.js';

function open(place: HostPort): Promise<HttpEndpoint> {
  return HttpEndpoint.open(place, status, { manager, listen: TcpListener.listen });
}

let manager: EventManager;
let status: Status;
let endpoint: HttpEndpoint;

beforeEach(async () => {
  manager = new EventManager();
  void manager.run();
  status = new Status();
  endpoint = await open({ host: '127.0.0.1', port: 0 });
});

afterEach(() => {
  endpoint.close();
  manager.close();
});

describe('/health', () => {
  test('is 200 while the server serves, and 503 before and after', async () => {
    for (const [phase, code] of [
      ['starting', 503],
      ['serving', 200],
      ['stopping', 503],
    ] as const) {
      status.phase = phase;
      const response = await fetch(`${endpoint.url}/health`);
      expect([response.status, await response.text()]).toEqual([code, `${phase}\n`]);
    }
  });
});

test.each(['degraded', 'stuck'] as const)('/health is 503 while the service is %s', async (health) => {
  status.phase = 'serving';
  status.service = { health };
  const response = await fetch(`${endpoint.url}/health`);
  expect([response.status, await response.text()]).toEqual([503, `${health}\n`]);
});

describe('/metrics', () => {
  test('has the current counts in the format of Prometheus', async () => {
    const counters = new Counters();
    status.counts = counters;
    counters.add(Count.accepted, 7);
    const response = await fetch(`${endpoint.url}/metrics?name=x`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('\nem_echo_connections_accepted_total 7\n');
  });
});

test('other paths are not found, and other methods not allowed', async () => {
  expect((await fetch(`${endpoint.url}/`)).status).toBe(404);
  expect((await fetch(`${endpoint.url}/metrics`, { method: 'POST' })).status).toBe(405);
  const head = await fetch(`${endpoint.url}/metrics`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a port in use is reported with advice, and nothing is left open', async () => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  const { port } = taken.address() as { port: number };
  await expect(open({ host: '127.0.0.1', port })).rejects.toMatchObject({
    exitCode: ExitCode.CANNOT_LISTEN,
    message: expect.stringMatching(`^cannot listen on http://127.0.0.1:${port}: the port is in use; `),
  });
  expect(manager.size).toBe(1);
  taken.close();
});

test('without a file to spare, an error is reported and nothing is left open', async () => {
  const listen = vi.spyOn(TcpListener, 'listen');
  const openSync = vi.spyOn(fs, 'openSync').mockImplementationOnce(() => {
    throw systemError('EMFILE');
  });
  await expect(open({ host: '127.0.0.1', port: 0 })).rejects.toThrow('too many open files');
  expect(listen.mock.results.map(({ value }) => value.closed)).toEqual([true]);
  expect(manager.size).toBe(1);
  listen.mockRestore();
  openSync.mockRestore();
});

test('close() ends connections that are kept alive', async () => {
  await fetch(`${endpoint.url}/health`);
  endpoint.close();
  await expect(fetch(`${endpoint.url}/health`)).rejects.toThrow();
});
