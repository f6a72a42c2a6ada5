import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, connectTo, connectToUnix, echoOf, writingStalls } from './client.js';
import { startServer, WITH_METRICS } from './server-process.js';

const CLIENTS = 40;
const KILOBYTE = 1024;
const TOTAL_BYTES = 1024 * KILOBYTE;
/** What the manual page promises: the total, one read, and 4 KiB per client. The last client is the honest one. */
const MOST_BYTES = TOTAL_BYTES + 64 * KILOBYTE + (CLIENTS + 1) * 4 * KILOBYTE;

test.each([1, 2])(
  'clients that send and never read use no more memory than --total-buffer-bytes, and others are served (%d workers)',
  async (workers) => {
    const folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // The kernel keeps little for a unix socket, so that most bytes wait in the server.
    const path = join(folder, 'greedy.sock');
    const limits = ['--total-buffer-bytes', `${TOTAL_BYTES}`, '--workers', `${workers}`];
    const server = await startServer({
      listen: ['tcp://127.0.0.1:0', `unix:${path}`],
      args: [...WITH_METRICS, ...limits],
    });
    const bytes = randomBytes(2 * TOTAL_BYTES);
    const greedy = await Promise.all(Array.from({ length: CLIENTS }, () => connectToUnix(path)));
    const samples: number[] = [];
    let stalled = false;
    const allStall = Promise.all(
      greedy.map((socket) => {
        socket.on('error', () => undefined).write(bytes);
        return writingStalls(socket);
      }),
    ).then(() => {
      stalled = true;
    });
    while (!stalled) {
      samples.push(await server.metric('em_echo_buffered_bytes'));
    }
    await allStall;
    expect(await echoOf(await connectTo(server), bytes)).toBe(checksum(bytes));
    samples.push(await server.metric('em_echo_buffered_bytes'));
    expect(Math.max(...samples)).toBeLessThanOrEqual(MOST_BYTES + (workers - 1) * 64 * KILOBYTE);
    // Each worker has its part of the total. By --buffer-bytes alone, the clients would have ten times the total.
    expect(Math.max(...samples)).toBeGreaterThanOrEqual(TOTAL_BYTES / workers);
    for (const socket of greedy) {
      socket.destroy();
    }
    await until('nothing is kept', async () => (await server.metric('em_echo_buffered_bytes')) === 0);
  },
);
