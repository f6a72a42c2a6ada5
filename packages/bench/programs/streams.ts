// streams WAY KIND CHUNK-BYTES: sends megabytes through one stream and receives them through another, in this process.
// WAY is `em` or `net`, KIND is `unix` or `tcp`.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { toDuplex } from '@em/streams';
import { EventManager, EventSet, TcpListener, TcpStream, UnixStream } from '@em/sys';
import { takeRounds } from './take-rounds.ts';

const OPERATION_BYTES = 1_048_576;

interface Ends {
  readonly from: Writable;
  readonly to: Readable;
}

const [, , way, kind, chunkBytes] = process.argv;
const chunk = Buffer.alloc(Number(chunkBytes), 'x');
const { from, to } = way === 'em' ? await overManager() : await overNet();

async function overManager(): Promise<Ends> {
  const manager = new EventManager();
  void manager.run();
  if (kind === 'unix') {
    const [one, other] = UnixStream.pair();
    return { from: toDuplex(manager, one), to: toDuplex(manager, other) };
  }
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const client = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  await manager.once(listener, EventSet.IN);
  const accepted = listener.accept();
  if (accepted === undefined) {
    throw new Error('There is no connection');
  }
  return { from: toDuplex(manager, client), to: toDuplex(manager, accepted) };
}

async function overNet(): Promise<Ends> {
  const server = createServer();
  const path = `\0em-bench-${randomUUID()}`;
  server.listen(kind === 'unix' ? { path } : { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const client =
    kind === 'unix' ? connect(path) : connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  return { from: client, to: accepted };
}

let awaited = 0;
let onAll = (): void => undefined;
to.on('data', (bytes: Buffer) => {
  awaited -= bytes.length;
  if (awaited === 0) {
    onAll();
  }
});

await takeRounds((operations) => {
  const bytes = operations * OPERATION_BYTES;
  awaited = bytes;
  let unsent = bytes;
  const send = (): void => {
    while (unsent > 0) {
      unsent -= chunk.length;
      if (!from.write(chunk)) {
        from.once('drain', send);
        return;
      }
    }
  };
  return new Promise((resolve) => {
    onAll = resolve;
    send();
  });
});
process.exit();
