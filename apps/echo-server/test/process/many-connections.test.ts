import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connectTo } from './client.js';
import { startServer } from './server-process.js';

const CONNECTIONS = 1000;
const BYTES_EACH = 1024 * 1024;
const block = randomBytes(BYTES_EACH);

/** The bytes of one connection: the block from an offset of its own, so that no two connections send the same. */
function partsOf(index: number): readonly [Buffer, Buffer] {
  const start = index * 997;
  return [block.subarray(start), block.subarray(0, start)];
}

/** Compares the answer byte by byte. Returns the number of bytes before the end, or before the first wrong byte. */
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
  // A byte of each has come back, so the server has accepted them all.
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
