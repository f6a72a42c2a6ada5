import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

/** @type {import('unix-dgram')} */
const { createSocket } = createRequire(import.meta.url)('unix-dgram');
/** @type {string} */
let folder;
/** @type {string} */
let path;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unix-dgram-'));
  path = join(folder, 'socket');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('a listener receives each message', async () => {
  /** @type {string[]} */
  const received = [];
  /** @type {() => void} */
  let end = () => undefined;
  const ended = new Promise((resolve) => {
    end = () => resolve(undefined);
  });
  const server = createSocket('unix_dgram', (message) => {
    received.push(message.toString());
    if (received.length === 4) {
      server.close();
      end();
    }
  });
  server.bind(path);
  const client = createSocket('unix_dgram');
  client.send(Buffer.from('foobarbaz'), 3, 4, path);
  client.send_to(Buffer.from('ping'), 0, 4, path);
  client.connect(path);
  client.send(Buffer.from(''));
  client.send(Buffer.from('connected'));
  client.close();
  await ended;
  assert.deepEqual(received, ['barb', 'ping', '', 'connected']);
});

test('bind and connect emit events, or errors', () => {
  const server = createSocket('unix_dgram');
  const client = createSocket('unix_dgram');
  /** @type {string[]} */
  const emitted = [];
  for (const socket of [server, client]) {
    socket.on('listening', () => emitted.push('listening'));
    socket.on('connect', () => emitted.push('connect'));
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ { code }) => emitted.push(`${code}`));
  }
  client.connect(path);
  server.bind(path);
  client.connect(path);
  server.bind(path);
  server.close();
  client.send(Buffer.from('too late'));
  client.close();
  assert.deepEqual(emitted, ['ENOENT', 'listening', 'connect', 'EADDRINUSE', 'ECONNREFUSED']);
});

test('a socket that is full emits congestion, and writable when it has room again', async () => {
  const server = createSocket('unix_dgram');
  server.bind(path);
  const client = createSocket('unix_dgram');
  client.connect(path);
  let sent = 0;
  let congested = false;
  client.on('congestion', () => {
    congested = true;
  });
  /** @type {unknown} */
  let error;
  while (!congested) {
    client.send(Buffer.from(`${sent}`), (thrown) => {
      error = thrown;
    });
    sent++;
  }
  assert.equal(/** @type {NodeJS.ErrnoException} */ (error).code, 'EAGAIN');
  let received = 0;
  server.on('message', () => {
    received++;
  });
  client.send(Buffer.from('again'));
  await once(client, 'writable');
  assert.ok(received > 0);
  client.send(Buffer.from('room'), (thrown) => assert.equal(thrown, undefined));
  client.close();
  server.close();
});
