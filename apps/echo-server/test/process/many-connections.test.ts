import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connectTo } from './client.js';
import { startServer } from './server-process.js';

const CONNECTIONS = 1000;
const BYTES_EACH = 1024 * 1024;
const block = randomBytes(BYTES_EACH);

/** What one connection sends: the block, begun at a place of its own, so that no two send the same. */
function partsOf(index: number): readonly [Buffer, Buffer] {
  const start = index * 997;
  return [block.subarray(start), block.subarray(0, start)];
}

/** Compares what comes back byte by byte; gives how many bytes were right before the end, or the first wrong one. */
async function countEchoed(socket: Socket, index: number): Promise<number> {
  let echoed = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    for (let done = 0; done < chunk.length; ) {
      const at = (index * 997 + echoed) % BYTES_EACH;
      const length = Math.min(chunk.length - done, BYTES_EACH - at);
      if (chunk.compare(block, at, at + length, done, done + length) !== 0) {
        return echoed;
      }
      done += length;
      echoed += length;
    }
  }
  return echoed;
}

test('1,000 connections at once each get their megabyte back', async () => {
  const server = await startServer();
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(server)));
  // The server has accepted them all: a byte of each has made the round.
  await Promise.all(
    sockets.map(async (socket) => {
      socket.write('?');
      await once(socket, 'readable');
      expect(socket.read()).toEqual(Buffer.from('?'));
    }),
  );
  expect(server.connections).toBe(CONNECTIONS);
  const counts = await Promise.all(
    sockets.map((socket, index) => {
      const [first, second] = partsOf(index);
      socket.write(first);
      socket.end(second);
      return countEchoed(socket, index);
    }),
  );
  expect(counts).toEqual(Array.from({ length: CONNECTIONS }, () => BYTES_EACH));
  expect(server.stderr).toBe('');
});
