import { describe, expect, test, vi } from 'vitest';
import { Count } from '../src/counters.js';
import { isAtEnd, numbered, received } from './fakes/bytes.js';
import { FakeServer } from './fakes/fake-server.js';
import { systemError } from './fakes/system-error.js';

describe('a connection that ends', () => {
  test.each([
    ['ECONNRESET', []],
    ['EPIPE', []],
    ['EIO', ['warn a connection ended reason=EIO: of some kind']],
  ])('by %s is removed, and logged if the error is unusual', (code, logged) => {
    const fake = new FakeServer();
    const client = fake.connect();
    vi.spyOn(client.stream, 'read').mockImplementation(() => {
      throw systemError(code);
    });
    client.socket.write(Uint8Array.of(1));
    fake.settle();
    expect(fake.server.connections).toBe(0);
    expect(fake.counters.get(Count.connections)).toBe(0);
    expect(fake.counters.get(Count.failed)).toBe(logged.length);
    expect(fake.log.lines).toEqual(logged);
  });
});

describe('a connection on which nothing happens', () => {
  test('is closed after the idle time, at most an eighth later', () => {
    const fake = new FakeServer({ idleMs: 8000 });
    fake.pass(500);
    const client = fake.connect();
    fake.pass(7999);
    expect(client.stream.closed).toBe(false);
    fake.pass(1000);
    expect(client.stream.closed).toBe(true);
    expect(fake.counters.get(Count.idleClosed)).toBe(1);
  });

  test('does not include one that receives or sends from time to time', () => {
    const fake = new FakeServer({ idleMs: 8000 });
    const [talking, reading, silent] = [fake.connect(), fake.connect(), fake.connect()];
    fake.stall(reading);
    for (let i = 0; i < 2; i++) {
      fake.pass(7000);
      expect(fake.serves(talking)).toBe(true);
      received(reading.socket);
    }
    expect([talking, reading, silent].map(({ stream }) => stream.closed)).toEqual([false, false, true]);
    // That it has received bytes is noticed up to an eighth later.
    fake.pass(10_000);
    expect(reading.stream.closed).toBe(true);
    expect(fake.counters.get(Count.bufferedBytes)).toBe(0);
  });

  test('does not include one whose client reads so slowly that no event reports it', () => {
    const fake = new FakeServer({ idleMs: 8000 });
    const client = fake.connect();
    const undelivered = vi.spyOn(client.stream, 'undeliveredBytes');
    for (let count = 50_000; count > 0; count -= 1000) {
      undelivered.mockReturnValue(count);
      fake.pass(1000);
      expect(client.stream.closed).toBe(false);
    }
    // The rest was received in the last idle time, so the client gets another one.
    fake.pass(18_000);
    expect(client.stream.closed).toBe(true);
    expect(fake.counters.get(Count.cutOff)).toBe(1);
    expect(fake.log.lines).toEqual(['warn an idle client was cut off before it had received everything']);
  });

  test('is not counted as cut off if the client has received everything', () => {
    const fake = new FakeServer({ idleMs: 8000 });
    const client = fake.connect();
    fake.pass(9000);
    expect(client.stream.closed).toBe(true);
    expect(fake.counters.get(Count.cutOff)).toBe(0);
    expect(fake.log.lines).toEqual([]);
  });

  test('stays open without an idle time', () => {
    const fake = new FakeServer();
    const client = fake.connect();
    fake.pass(10 ** 9);
    expect(fake.serves(client)).toBe(true);
  });
});

describe('drain()', () => {
  const DEADLINE_MS = 60_000;

  test('ends at once without connections, and closes the listeners', async () => {
    const fake = new FakeServer();
    const drained = fake.server.drain(DEADLINE_MS);
    expect(fake.listener.closed).toBe(true);
    await drained;
    expect(fake.manager.size).toBe(0);
  });

  test('accepts the clients that wait, and serves them', async () => {
    const fake = new FakeServer();
    const client = fake.arrive();
    client.socket.write(numbered(10));
    const drained = fake.server.drain(DEADLINE_MS);
    expect(fake.server.connections).toBe(1);
    fake.pass(1);
    expect(received(client.socket)).toEqual(numbered(10));
    client.socket.close();
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('ends its half when a client has been silent for a second, or a quarter longer, and waits for the other half', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const drained = fake.server.drain(DEADLINE_MS);
    fake.pass(1000);
    expect(isAtEnd(client.socket)).toBe(false);
    fake.pass(250);
    expect(isAtEnd(client.socket)).toBe(true);
    expect(client.stream.closed).toBe(false);
    client.socket.close();
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('closes a client that stays silent for that time again, and does not count it as cut off', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const drained = fake.server.drain(DEADLINE_MS);
    fake.pass(2250);
    expect(client.stream.closed).toBe(false);
    fake.pass(250);
    expect(client.stream.closed).toBe(true);
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('serves a client as long as it sends, and loses nothing', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const drained = fake.server.drain(DEADLINE_MS);
    for (let i = 0; i < 50; i++) {
      client.socket.write(numbered(10));
      fake.pass(999);
      expect(received(client.socket)).toEqual(numbered(10));
    }
    fake.pass(1250);
    expect(isAtEnd(client.socket)).toBe(true);
    client.socket.close();
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('sends a client the rest, and also what it has sent but the server has not read', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const sent = fake.stall(client);
    const drained = fake.server.drain(DEADLINE_MS);
    fake.pass(5000);
    expect(isAtEnd(client.socket)).toBe(false);
    const chunks: Uint8Array[] = [];
    for (let i = 0; i < 50; i++) {
      chunks.push(received(client.socket));
      fake.pass(100);
    }
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    expect(isAtEnd(client.socket)).toBe(true);
    client.socket.close();
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('does not count a client as silent while bytes are under way to it', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const undelivered = vi.spyOn(client.stream, 'undeliveredBytes').mockReturnValue(1000);
    const drained = fake.server.drain(DEADLINE_MS);
    fake.pass(5000);
    expect(isAtEnd(client.socket)).toBe(false);
    undelivered.mockReturnValue(0);
    fake.pass(1000);
    expect(isAtEnd(client.socket)).toBe(false);
    fake.pass(500);
    expect(isAtEnd(client.socket)).toBe(true);
    client.socket.close();
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(0);
  });

  test('counts a client as cut off if bytes are under way to it at the deadline', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    vi.spyOn(client.stream, 'undeliveredBytes').mockReturnValue(1000);
    const drained = fake.server.drain(1000);
    fake.pass(1000);
    await drained;
    expect(client.stream.closed).toBe(true);
    expect(fake.counters.get(Count.cutOff)).toBe(1);
  });

  test('cuts off clients at the deadline that have not received everything or still send, and counts them', async () => {
    const fake = new FakeServer();
    const [stalled, talking, done] = [fake.connect(), fake.connect(), fake.connect()];
    fake.stall(stalled);
    const drained = fake.server.drain(1000);
    for (let i = 0; i < 20; i++) {
      talking.socket.write(numbered(1));
      fake.pass(50);
    }
    await drained;
    expect([stalled, talking, done].map(({ stream }) => stream.closed)).toEqual([true, true, true]);
    expect(fake.counters.get(Count.cutOff)).toBe(2);
    expect(fake.server.connections).toBe(0);
  });

  test('counts a client as cut off if it sends after the end, even if it then ends by itself', async () => {
    const fake = new FakeServer();
    const client = fake.connect();
    const drained = fake.server.drain(1000);
    fake.pass(200);
    expect(isAtEnd(client.socket)).toBe(true);
    client.socket.write(numbered(1));
    fake.settle();
    client.socket.write(numbered(1));
    client.socket.shutdown('write');
    fake.settle();
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(1);
  });

  test('ends at once with a deadline of 0', async () => {
    const fake = new FakeServer();
    fake.stall(fake.connect());
    const drained = fake.server.drain(0);
    fake.pass(1);
    await drained;
    expect(fake.counters.get(Count.cutOff)).toBe(1);
  });
});

describe('close()', () => {
  test('closes the listener and every connection', () => {
    const fake = new FakeServer();
    const clients = [fake.connect(), fake.connect()];
    const waiting = fake.arrive();
    fake.server.close();
    fake.server.close();
    expect(fake.listener.closed).toBe(true);
    expect(clients.map(({ stream }) => stream.closed)).toEqual([true, true]);
    expect(() => received(waiting.socket)).toThrow('ECONNRESET');
    expect(fake.server.connections).toBe(0);
    expect(fake.manager.size).toBe(0);
  });
});
