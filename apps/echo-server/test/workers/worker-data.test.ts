import * as sys from '@em/sys';
import { describe, expect, test } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { openAll } from '../../src/sockets/open-all.js';
import { limitsOf, socketsOf } from '../../src/workers/worker-data.js';

describe('limits', () => {
  const limits = {
    maxConnections: 10,
    idleMs: 5000,
    bufferBytes: 4096,
    totalBufferBytes: 100_000,
    datagramsPerSource: 50,
  };

  test('for all workers together are divided without a rest', () => {
    const shares = [0, 1, 2].map((index) => limitsOf(limits, 3, index));
    expect(shares.map(({ maxConnections }) => maxConnections)).toEqual([4, 3, 3]);
    expect(shares.map(({ totalBufferBytes }) => totalBufferBytes)).toEqual([33_334, 33_333, 33_333]);
  });

  test('per client are the same in every worker, and Infinity stays Infinity', () => {
    const endless = { ...limits, maxConnections: Number.POSITIVE_INFINITY, idleMs: Number.POSITIVE_INFINITY };
    expect(limitsOf(endless, 3, 2)).toEqual({ ...endless, totalBufferBytes: 33_333 });
  });
});

test('each worker gets a socket of its own, or the one that all share', async () => {
  const endpoints = ['tcp://[::1]:0', 'unix:@em-echo-shared'].map(readEndpoint);
  const places = await openAll(endpoints, { ipv6: 'dual', backlog: 1, keepAliveMs: 1, workers: 2 }, sys);
  const [first, second, shared] = places.flatMap(({ sockets }) => sockets.map(({ socket }) => socket.fd));
  expect([0, 1].map((index) => socketsOf(places, 2, index))).toEqual([
    [
      { transport: 'tcp', fd: first },
      { transport: 'unix', fd: shared },
    ],
    [
      { transport: 'tcp', fd: second },
      { transport: 'unix', fd: shared },
    ],
  ]);
  for (const place of places) {
    place.close();
  }
});
