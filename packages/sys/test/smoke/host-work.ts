import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What an event loop has to do all the time: it is done once timers, an HTTP request and a signal have been served. */
export async function hostWork(): Promise<void> {
  const server = createServer((_request, response) => response.end('served')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const signalled = once(process, 'SIGUSR1');
  process.kill(process.pid, 'SIGUSR1');
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response');
  response.resume();
  await Promise.all([signalled, once(response, 'end')]);
  server.close();
  for (let tick = 0; tick < 3; tick++) {
    await setTimeout(1);
  }
}
