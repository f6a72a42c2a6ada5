import { describe, expect, test } from 'vitest';
import { openTcp, openUnix } from '../../src/sockets/open-socket.js';
import { limitsOf, socketsOf } from '../../src/workers/share-out.js';
import { FakeSocketLayer } from '../fakes/fake-socket-layer.js';

describe('limits', () => {
  const limits = {
    maxConnections: 10,
    idleMs: 5000,
    bufferBytes: 4096,
    totalBufferBytes: 100_000,
    datagramsPerSource: 50,
  };

  test('for all together are shared out to the last', () => {
    const shares = [0, 1, 2].map((index) => limitsOf(limits, 3, index));
    expect(shares.map(({ maxConnections }) => maxConnections)).toEqual([4, 3, 3]);
    expect(shares.map(({ totalBufferBytes }) => totalBufferBytes)).toEqual([33_334, 33_333, 33_333]);
  });

  test('for one client are the same everywhere, and none is none', () => {
    const endless = { ...limits, maxConnections: Number.POSITIVE_INFINITY, idleMs: Number.POSITIVE_INFINITY };
    expect(limitsOf(endless, 3, 2)).toEqual({ ...endless, totalBufferBytes: 33_333 });
  });
});

test('each worker gets its own socket of a place, or the one that all share', () => {
  const layer = new FakeSocketLayer();
  const listen = () => layer.listenTcp({ host: '::1', port: 7, ipv6Only: false, reusePort: true, backlog: 1 });
  const tcp = openTcp([listen(), listen()]);
  const unix = openUnix(layer.listenUnix({ path: '/a', backlog: 1 }));
  expect([0, 1].map((index) => socketsOf([tcp, unix], 2, index))).toEqual([
    [
      { transport: 'tcp', fd: 0, isShared: false },
      { transport: 'unix', fd: 2, isShared: true },
    ],
    [
      { transport: 'tcp', fd: 1, isShared: false },
      { transport: 'unix', fd: 2, isShared: true },
    ],
  ]);
});
