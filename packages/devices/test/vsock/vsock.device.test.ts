import { EventManager, EventSet } from '@em/sys';
import { expect, test } from 'vitest';
import { localCid, VMADDR, VsockListener, VsockStream } from '../../src/vsock.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

const { CID_LOCAL } = VMADDR;

function connection(): [VsockListener, VsockStream, VsockStream] {
  const listener = VsockListener.listen({ cid: CID_LOCAL });
  const client = VsockStream.connect(listener.address);
  const server = waitFor(listener, () => listener.accept());
  return [listener, client, server];
}

test('a connection carries bytes in both directions, and ends', () => {
  const [listener, client, server] = connection();
  const into = Buffer.alloc(8);
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    expect(from.write(Buffer.from('ping'))).toBe(4);
    expect(waitFor(to, () => to.read(into))).toBe(4);
    expect(to.read(into)).toBeUndefined();
    expect(from.remoteAddress.port).toBe(to.localAddress.port);
  }
  client.shutdownWrite();
  expect(waitFor(server, () => server.read(into))).toBe(0);
  expect(listener.accept()).toBeUndefined();
  for (const socket of [listener, client, server]) {
    socket.close();
  }
});

test('a connection to a port where no socket listens reports an error, and says why', () => {
  using listener = VsockListener.listen({ cid: CID_LOCAL });
  const { port } = listener.address;
  listener.close();
  using client = VsockStream.connect({ cid: CID_LOCAL, port });
  using manager = new EventManager();
  let events: EventSet = 0;
  manager.add(client, EventSet.OUT, (ready, registration) => {
    events = ready;
    registration.delete();
  });
  manager.wait();
  expect(EventSet.format(events)).toContain('ERROR');
  expect(client.takeError()).toMatchObject({ code: 'ECONNRESET' });
});

test('a port in use is refused, and named', () => {
  using listener = VsockListener.listen({ cid: CID_LOCAL });
  const { port } = listener.address;
  expect(raises(() => VsockListener.listen({ cid: CID_LOCAL, port }))).toMatchObject({
    code: 'EADDRINUSE',
    path: `vsock:1:${port}`,
  });
});

test('fds can be adopted', () => {
  const [listener, client, server] = connection();
  using adoptedListener = VsockListener.adopt(listener.detach());
  using adoptedClient = VsockStream.adopt(client.detach());
  expect(adoptedClient.remoteAddress).toEqual(adoptedListener.address);
  expect(raises(() => VsockStream.adopt(adoptedListener.fd)).code).toBe('ERR_EM_WRONG_KIND');
  expect(raises(() => VsockListener.adopt(adoptedClient.fd)).code).toBe('ERR_EM_WRONG_KIND');
  server.close();
});

test('localCid() returns a context', () => {
  expect(localCid()).toBeGreaterThan(0);
});
