import { TcpListener } from '@em/sys';
import { expect, test } from 'vitest';
import { until } from '../until.js';
import { connectTo, readBytes } from './client.js';
import { type ServerProcess, startServer } from './server-process.js';

const NONE = '00';
const KEEP_ALIVE = '02';

/** Connects, and waits until the server has received everything of the client, and the client of the server. */
async function connectedQuietly(server: ServerProcess): Promise<void> {
  const socket = await connectTo(server);
  socket.write('?');
  await readBytes(socket, 1);
}

test.each([1, 2])('a silent TCP client is asked whether it is still there (%d workers)', async (workers) => {
  const server = await startServer({ args: ['--keep-alive-ms', '30000', '--workers', `${workers}`] });
  await connectedQuietly(server);
  await until('only the timer for that is set', () => server.timers.every(({ kind }) => kind === KEEP_ALIVE));
  expect(server.timers).toEqual([{ kind: KEEP_ALIVE, leftMs: expect.any(Number) }]);
  // By default the kernel asks after two hours.
  expect(server.timers[0]?.leftMs).toBeLessThanOrEqual(30_000);
});

test('a silent client of an inherited TCP listener is asked, too', async () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const server = await startServer({ listen: [], inherited: [listener] });
  await connectedQuietly(server);
  await until('the timer for that is set', () => server.timers[0]?.kind === KEEP_ALIVE);
  expect(server.timers[0]?.leftMs).toBeLessThanOrEqual(60_000);
});

test('no client is asked with --keep-alive-ms 0', async () => {
  const server = await startServer({ args: ['--keep-alive-ms', '0'] });
  await connectedQuietly(server);
  await until('the byte is acknowledged', () => server.timers[0]?.kind !== '01');
  expect(server.timers.map(({ kind }) => kind)).toEqual([NONE]);
});
