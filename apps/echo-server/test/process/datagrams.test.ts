import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnixDatagram } from '@em/sys';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { type ServerProcess, startServer } from './server-process.js';

/** The largest that IPv4 carries: 65,535 bytes less 20 of the IP header and 8 of the UDP header. */
const LARGEST = 65_507;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function udpClient({ urls }: ServerProcess, host?: string): Promise<Socket> {
  const url = new URL(urls[0] ?? '');
  const { port } = url;
  const hostname = host ?? url.hostname;
  const socket = createSocket({ type: hostname.startsWith('[') ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
  onTestFinished(() => void socket.close());
  socket.connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  await once(socket, 'connect');
  return socket;
}

/** Sends one datagram and gives what comes back. */
async function echoOf(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  socket.send(bytes);
  const [answer] = await once(socket, 'message');
  return answer;
}

describe('over UDP', () => {
  test('datagrams of every size come back whole, empty ones too', async () => {
    const socket = await udpClient(await startServer({ listen: ['udp://127.0.0.1:0'] }));
    for (const length of [0, 1, 2, 511, 512, 1472, 1473, 9000, 65_000, LARGEST - 1, LARGEST]) {
      const bytes = randomBytes(length);
      expect((await echoOf(socket, bytes)).equals(bytes)).toBe(true);
    }
  });

  test('on IPv6', async () => {
    const socket = await udpClient(await startServer({ listen: ['udp://[::1]:0'] }));
    expect(await echoOf(socket, Buffer.from('six'))).toEqual(Buffer.from('six'));
  });

  test.each([
    ['0.0.0.0', ['127.0.0.1', '127.0.0.2', '127.1.2.3']],
    ['[::]', ['[::1]', '127.0.0.1', '127.0.0.2']],
  ])('at %s a client is answered from the address that it has asked', async (host, asked) => {
    const server = await startServer({ listen: [`udp://${host}:0`] });
    for (const address of asked) {
      // Connected, it takes an answer from no other address.
      expect(await echoOf(await udpClient(server, address), Buffer.from(address))).toEqual(Buffer.from(address));
    }
  });

  test('many clients at once each get their own back, every one of them', async () => {
    const CLIENTS = 20;
    const ROUNDS = 200;
    const server = await startServer({ listen: ['udp://127.0.0.1:0'] });
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => udpClient(server)));
    await Promise.all(
      clients.map(async (socket, client) => {
        for (let round = 0; round < ROUNDS; round++) {
          const bytes = Buffer.from(`${client} ${round} ${'x'.repeat(round)}`);
          expect((await echoOf(socket, bytes)).equals(bytes)).toBe(true);
        }
      }),
    );
    expect(server.stderr).toBe('');
  });

  test('SIGTERM is answered by an end at once, and the port is free', async () => {
    const server = await startServer({ listen: ['udp://127.0.0.1:0'] });
    const [url = ''] = server.urls;
    await echoOf(await udpClient(server), Buffer.from('before'));
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    const successor = await startServer({ listen: [url] });
    expect(await echoOf(await udpClient(successor), Buffer.from('after'))).toEqual(Buffer.from('after'));
  });
});

describe('over a unix datagram socket', () => {
  function unixClient(name: string): UnixDatagram {
    const client = UnixDatagram.bind({ path: name });
    onTestFinished(() => client.close());
    return client;
  }

  async function receive(client: UnixDatagram): Promise<Buffer> {
    const buffer = Buffer.alloc(300_000);
    let length: number | undefined;
    await until('the answer is there', () => {
      length = client.receiveFrom(buffer)?.length;
      return length !== undefined;
    });
    return buffer.subarray(0, length);
  }

  test('datagrams come back whole, larger ones than UDP has and empty ones too', async () => {
    const path = join(folder, 'gram.sock');
    await startServer({ listen: [`unixgram:${path}`] });
    const client = unixClient(join(folder, 'client.sock'));
    for (const length of [0, 1, 65_536, 200_000]) {
      const bytes = randomBytes(length);
      client.sendTo(path, bytes);
      expect((await receive(client)).equals(bytes)).toBe(true);
    }
  });

  test('a client that takes nothing keeps no other waiting, and gets what waits once it does', async () => {
    const path = `\0em-echo-${randomBytes(8).toString('hex')}`;
    await startServer({ listen: [`unixgram:@${path.slice(1)}`] });
    const [full, other] = [unixClient(`${path}-full`), unixClient(`${path}-other`)];
    // More than a queue holds, net.unix.max_dgram_qlen.
    for (let i = 0; i < 50; i++) {
      await until('it is taken', () => full.sendTo(path, Buffer.from(`${i}`)) !== undefined);
    }
    await until('it is taken', () => other.sendTo(path, Buffer.from('other')) !== undefined);
    expect((await receive(other)).toString()).toBe('other');
    for (let i = 0; i < 50; i++) {
      expect((await receive(full)).toString()).toBe(`${i}`);
    }
  });

  test('its file is removed in the end, and one that was left is replaced', async () => {
    const path = join(folder, 'left.sock');
    const killed = await startServer({ listen: [`unixgram:${path}`] });
    killed.kill('SIGKILL');
    await killed.exitCode();
    expect(existsSync(path)).toBe(true);
    const server = await startServer({ listen: [`unixgram:${path}`] });
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});
