import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnySocket, UdpBatch, UdpSocket, UnixDatagram } from '@em/sys';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { type ServerProcess, startServer, WITH_METRICS } from './server-process.js';

/** The largest datagram of IPv4: 65,535 bytes less 20 of the IP header and 8 of the UDP header. */
const LARGEST = 65_507;
/** The largest datagram over a unix socket that the server answers. */
const UNIX_LARGEST = 256 * 1024;

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

/** Sends one datagram. Returns the answer. */
async function echoOf(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  socket.send(bytes);
  const [answer] = await once(socket, 'message');
  return answer;
}

describe('over UDP', () => {
  test('datagrams of every size come back complete, empty ones too', async () => {
    const socket = await udpClient(await startServer({ listen: ['udp://127.0.0.1:0'] }));
    for (const length of [0, 1, 2, 511, 512, 1472, 1473, 9000, 65_000, LARGEST - 1, LARGEST]) {
      const bytes = randomBytes(length);
      expect((await echoOf(socket, bytes)).equals(bytes)).toBe(true);
    }
  });

  test.each([[[]], [['--workers', '2']]])('datagrams that were sent together come back %j', async (args) => {
    const { urls } = await startServer({ listen: ['udp://0.0.0.0:0'], args });
    const client = UdpSocket.connect({ host: '127.0.0.2', port: Number(new URL(urls[0] ?? '').port) });
    onTestFinished(() => client.close());
    const batch = new UdpBatch();
    const bytes = randomBytes(64 * 1000 - 1);
    batch.put(0, bytes, undefined, 1000);
    expect(client.sendMany(batch, 1)).toBe(1);
    const received: Buffer[] = [];
    await until('all have come back', () => {
      const count = client.receiveMany(batch) ?? 0;
      received.push(...Array.from({ length: count }, (_, index) => Buffer.from(batch.bytesAt(index))));
      return received.length === 64;
    });
    expect(received.map(({ length }) => length)).toEqual([...Array(63).fill(1000), 999]);
    expect(Buffer.concat(received).equals(bytes)).toBe(true);
  });

  test('datagrams come back on IPv6', async () => {
    const socket = await udpClient(await startServer({ listen: ['udp://[::1]:0'] }));
    expect(await echoOf(socket, Buffer.from('six'))).toEqual(Buffer.from('six'));
  });

  test.each([
    ['0.0.0.0', ['127.0.0.1', '127.0.0.2', '127.1.2.3']],
    ['[::]', ['[::1]', '127.0.0.1', '127.0.0.2']],
  ])('at %s a client is answered from the address that it asked', async (host, asked) => {
    const server = await startServer({ listen: [`udp://${host}:0`] });
    for (const address of asked) {
      // A connected socket accepts an answer only from this address.
      expect(await echoOf(await udpClient(server, address), Buffer.from(address))).toEqual(Buffer.from(address));
    }
  });

  test('many clients at once each get all of their own datagrams back', async () => {
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

  test.each([[[]], [['--workers', '2']]])('at SIGTERM, datagrams that have arrived are answered %j', async (args) => {
    const MESSAGES = 100;
    const server = await startServer({ listen: ['udp://127.0.0.1:0'], args });
    const socket = await udpClient(server);
    const answers: number[] = [];
    socket.on('message', (answer) => answers.push(answer.readUInt16BE()));
    server.kill('SIGSTOP');
    for (let i = 0; i < MESSAGES; i++) {
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(i);
      socket.send(bytes);
    }
    await until('everything is sent', () => socket.getSendQueueCount() === 0);
    server.kill('SIGTERM');
    server.kill('SIGCONT');
    expect(await server.exitCode()).toBe(0);
    await until('the answers arrive', () => answers.length === MESSAGES);
    expect(answers.sort((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i));
  });

  test('SIGTERM ends the server at once, and the port is free', async () => {
    const server = await startServer({ listen: ['udp://127.0.0.1:0'] });
    const [url = ''] = server.urls;
    await echoOf(await udpClient(server), Buffer.from('before'));
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    const successor = await startServer({ listen: [url] });
    expect(await echoOf(await udpClient(successor), Buffer.from('after'))).toEqual(Buffer.from('after'));
  });
});

describe.each([1, 2])('a datagram is not answered, and is counted as dropped (%d workers),', (workers) => {
  const GROUP = '239.255.86.2';
  const BROADCAST = ['127.255.255.255', '255.255.255.255'];
  const LO = Number(readFileSync('/sys/class/net/lo/ifindex', 'utf8'));
  const { AF_INET, SOCK_RAW, IPPROTO_IP } = AnySocket.constants;

  /** Starts a server on these URLs. Returns it with its ports. */
  async function serve(...listen: string[]): Promise<[ServerProcess, ...number[]]> {
    const server = await startServer({ listen, args: [...WITH_METRICS, '--workers', `${workers}`] });
    return [server, ...server.urls.map((url) => Number(new URL(url).port))];
  }

  /** A client whose datagrams to a group leave through the loopback interface. */
  function loopbackClient(): UdpSocket {
    const client = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => client.close());
    const IP_MULTICAST_IF = 32;
    client.setOption(IPPROTO_IP, IP_MULTICAST_IF, Buffer.of(127, 0, 0, 1));
    client.setBroadcast(true);
    // By default, an IPv4 socket also receives from groups that another socket of this machine has joined.
    client.joinMulticast(GROUP, LO);
    return client;
  }

  /** Expects that the server drops this number of datagrams, and answers an honest one. */
  async function expectDropped(server: ServerProcess, port: number, client: UdpSocket, dropped: number): Promise<void> {
    client.sendTo({ address: '127.0.0.1', port }, Buffer.from('honest'));
    await until(
      'all are dropped or answered',
      async () => (await server.metric('em_echo_datagrams_received_total')) === dropped + 1,
    );
    expect(await server.metric('em_echo_datagrams_dropped_total')).toBe(dropped);
    expect(await server.metric('em_echo_datagrams_sent_total')).toBe(1);
    const buffer = Buffer.alloc(100);
    expect(client.receiveFrom(buffer)).toMatchObject({ from: { address: '127.0.0.1', port } });
    expect(buffer.toString('utf8', 0, 6)).toBe('honest');
    expect(client.receiveFrom(buffer)).toBeUndefined();
  }

  test.each([
    ['0.0.0.0', [GROUP, ...BROADCAST]],
    ['[::]', BROADCAST],
  ])('if it was sent to a group or a broadcast address, by a server at %s', async (host, addresses) => {
    const [server, port = 0] = await serve(`udp://${host}:0`);
    const client = loopbackClient();
    for (const address of addresses) {
      client.sendTo({ address, port }, Buffer.from('x'));
    }
    // Each worker receives it.
    await expectDropped(server, port, client, addresses.length * workers);
  });

  test.each([GROUP, ...BROADCAST])('if it was sent to the address of the server, %s', async (address) => {
    const [server, port = 0, ownPort = 0] = await serve(`udp://${address}:0`, 'udp://127.0.0.1:0');
    const client = loopbackClient();
    client.sendTo({ address, port }, Buffer.from('x'));
    await expectDropped(server, ownPort, client, workers);
  });

  test.skipIf(process.getuid?.() !== 0).each(['0.0.0.0', '127.0.0.1', '[::]'])(
    'if its sender is a group or a broadcast address, by a server at %s',
    async (host) => {
      const [server, port = 0] = await serve(`udp://${host}:0`);
      const IPPROTO_RAW = 255;
      using raw = AnySocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_RAW });
      const sockaddr = Buffer.alloc(16);
      sockaddr.writeUInt16LE(AF_INET);
      sockaddr.set([127, 0, 0, 1], 4);
      raw.connect(sockaddr);
      const senders = [GROUP, ...BROADCAST, '240.0.0.1'];
      for (const sender of senders) {
        raw.send(packet(sender, '127.0.0.1', port));
      }
      await expectDropped(server, port, loopbackClient(), senders.length);
    },
  );

  /** An empty datagram in its IP packet. The kernel fills in the lengths and the checksum of IP; UDP has none. */
  function packet(from: string, to: string, toPort: number): Buffer {
    const bytes = Buffer.alloc(28);
    bytes[0] = 0x45; // version 4, a header of 5 words
    bytes[8] = 64; // hops
    bytes[9] = 17; // UDP
    bytes.set(from.split('.').map(Number), 12);
    bytes.set(to.split('.').map(Number), 16);
    bytes.writeUInt16BE(40_000, 20);
    bytes.writeUInt16BE(toPort, 22);
    bytes.writeUInt16BE(8, 24);
    return bytes;
  }
});

describe('a datagram that seems to come from an echo server', () => {
  /** The sum of a count of all these servers. */
  async function total(kind: string, servers: readonly ServerProcess[]): Promise<number> {
    const counts = await Promise.all(servers.map((server) => server.metric(`em_echo_datagrams_${kind}_total`)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Serves inherited sockets, which may have a datagram already. */
  function serve(inherited: readonly { readonly fd: number }[], ...args: string[]): Promise<ServerProcess> {
    const listen = inherited.map((_, i) => `fd:${3 + i}`);
    return startServer({ listen, inherited, args: [...WITH_METRICS, ...args] });
  }

  /** Returns the number of answers when a datagram has been dropped, so that none is under way. */
  async function answersUntilTheEnd(...servers: ServerProcess[]): Promise<number> {
    await until('a datagram is dropped', async () => (await total('dropped', servers)) === 1);
    const sent = await total('sent', servers);
    expect(await total('received', servers)).toBe(sent + 1);
    return sent;
  }

  function bound<S extends { close(): void }>(socket: S): S {
    onTestFinished(() => socket.close());
    return socket;
  }

  /** Returns two sockets. One has received a datagram of the other. */
  function udpPair(): [UdpSocket, UdpSocket] {
    const bind = (): UdpSocket => bound(UdpSocket.bind({ host: '127.0.0.1', port: 0 }));
    const [one, other] = [bind(), bind()];
    other.sendTo(one.localAddress, Buffer.from('x'));
    return [one, other];
  }

  /** Sends to a socket from a client, and replaces the file of the client by a link. */
  function sendAndRelink(to: UnixDatagram, target: UnixDatagram): void {
    const path = `${to.localAddress}-client`;
    const client = UnixDatagram.bind({ path });
    client.sendTo(to.localAddress ?? '', Buffer.from('x'));
    client.close();
    rmSync(path, { force: true });
    symlinkSync(target.localAddress ?? '', path);
  }

  test.each([[[]], [['--workers', '2']]])('from another socket of the same server is not answered %j', async (args) => {
    expect(await answersUntilTheEnd(await serve(udpPair(), ...args))).toBe(0);
  });

  test('from another server is answered back and forth until the limit', async () => {
    const [one, other] = udpPair();
    const args = ['--datagrams-per-source', '100'];
    const servers = await Promise.all([serve([one], ...args), serve([other], ...args)]);
    expect(await answersUntilTheEnd(...servers)).toBeGreaterThanOrEqual(100);
  });

  test('over a unix socket, because the client has become a link to the server, is answered once', async () => {
    const socket = bound(UnixDatagram.bind({ path: join(folder, 'self.sock') }));
    sendAndRelink(socket, socket);
    expect(await answersUntilTheEnd(await serve([socket]))).toBe(1);
  });

  test('over a unix socket, because the client has become a link to another server, ends at the limit', async () => {
    const one = bound(UnixDatagram.bind({ path: join(folder, 'one.sock') }));
    const other = bound(UnixDatagram.bind({ path: join(folder, 'other.sock') }));
    sendAndRelink(one, other);
    const args = ['--datagrams-per-source', '100'];
    const servers = await Promise.all([serve([one], ...args), serve([other], ...args)]);
    expect(await answersUntilTheEnd(...servers)).toBeGreaterThanOrEqual(100);
  });
});

describe('over a unix datagram socket', () => {
  function unixClient(name: string | Uint8Array): UnixDatagram {
    const client = UnixDatagram.bind({ path: name });
    onTestFinished(() => client.close());
    return client;
  }

  async function receive(client: UnixDatagram): Promise<Buffer> {
    const buffer = Buffer.alloc(300_000);
    let length: number | undefined;
    await until('the answer has arrived', () => {
      length = client.receiveFrom(buffer)?.length;
      return length !== undefined;
    });
    return buffer.subarray(0, length);
  }

  test('datagrams come back complete, empty ones and larger ones than UDP has too', async () => {
    const path = join(folder, 'gram.sock');
    await startServer({ listen: [`unixgram:${path}`] });
    const client = unixClient(join(folder, 'client.sock'));
    client.setSendBufferBytes(2 * UNIX_LARGEST);
    // One that is larger is dropped, so the next answer belongs to the next datagram.
    client.sendTo(path, randomBytes(UNIX_LARGEST + 1));
    for (const length of [0, 1, 65_536, 200_000, UNIX_LARGEST]) {
      const bytes = randomBytes(length);
      client.sendTo(path, bytes);
      expect((await receive(client)).equals(bytes)).toBe(true);
    }
  });

  test.each([[[]], [['--workers', '2']]])(
    'a client with a name that is not UTF-8 gets its datagrams back %j',
    async (args) => {
      const path = join(folder, `bytes${args.length}.sock`);
      await startServer({ listen: [`unixgram:${path}`], args });
      // Read as text, the first two are one name.
      const names = ['\xff', '\xfe', '\xef\xbf\xbd'].map((end) => Buffer.from(`${path}-${end}`, 'latin1'));
      const clients = [...names, Buffer.from(`\0${path}-\xff`, 'latin1')].map(unixClient);
      const MESSAGES = 50;
      const numbers = Array.from({ length: MESSAGES }, (_, i) => i);
      // More than a queue holds, so that most answers wait in the server, each for its client.
      for (const number of numbers) {
        for (const [index, client] of clients.entries()) {
          await until('there is room', () => client.sendTo(path, Buffer.of(index, number)) !== undefined);
        }
      }
      for (const [index, client] of clients.entries()) {
        const answers: Buffer[] = [];
        while (answers.length < MESSAGES) {
          answers.push(await receive(client));
        }
        expect(new Set(answers.map((answer) => answer[0]))).toEqual(new Set([index]));
        expect(answers.map((answer) => answer[1] ?? -1).sort((a, b) => a - b)).toEqual(numbers);
      }
    },
  );

  test.each([[[]], [['--workers', '2']]])('at SIGTERM, answers that wait are sent first %j', async (args) => {
    const MESSAGES = 100;
    const path = join(folder, `stop${args.length}.sock`);
    const server = await startServer({ listen: [`unixgram:${path}`], args });
    const client = unixClient(join(folder, `stopped${args.length}.sock`));
    // The queue of the client holds fewer answers, so most of them wait in the server.
    for (let i = 0; i < MESSAGES; i++) {
      await until('there is room', () => client.sendTo(path, Buffer.of(i)) !== undefined);
    }
    server.kill('SIGTERM');
    const answers: number[] = [];
    for (let i = 0; i < MESSAGES; i++) {
      answers.push((await receive(client)).readUInt8());
    }
    // Workers that share a socket do not keep the order.
    expect(answers.sort((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i));
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('a client that takes nothing does not delay another, and gets its answers when it takes them', async () => {
    const path = `\0em-echo-${randomBytes(8).toString('hex')}`;
    await startServer({ listen: [`unixgram:@${path.slice(1)}`] });
    const [full, other] = [unixClient(`${path}-full`), unixClient(`${path}-other`)];
    // More than a queue holds: net.unix.max_dgram_qlen.
    for (let i = 0; i < 50; i++) {
      await until('the queue has room', () => full.sendTo(path, Buffer.from(`${i}`)) !== undefined);
    }
    await until('the queue has room', () => other.sendTo(path, Buffer.from('other')) !== undefined);
    expect((await receive(other)).toString()).toBe('other');
    for (let i = 0; i < 50; i++) {
      expect((await receive(full)).toString()).toBe(`${i}`);
    }
  });

  test('its file is removed at the end, and a stale file is replaced', async () => {
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
