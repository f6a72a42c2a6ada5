import { describe, expect, test } from 'vitest';
import { checksumOf, connectTo, readBytes } from './client.js';
import { startServer } from './server-process.js';

/** An address of this test's own, so that no connection of another test has taken the port meanwhile. */
const HOST = '127.0.0.2';

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends an idle server with 0', async () => {
    const server = await startServer();
    server.kill(signal);
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('closes the connections, ends with 0 and lets a successor have the port', async () => {
    const server = await startServer({ listen: [`tcp://${HOST}:0`] });
    const { port } = server.address;
    const socket = await connectTo(server);
    socket.write('still here?');
    await readBytes(socket, 11);
    server.kill(signal);
    await checksumOf(socket);
    expect(await server.exitCode()).toBe(0);
    const successor = await startServer({ listen: [`tcp://${HOST}:${port}`] });
    expect(successor.address.port).toBe(port);
  });
});
