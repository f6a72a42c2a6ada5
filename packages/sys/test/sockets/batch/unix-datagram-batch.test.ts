import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { EventFd, UnixDatagram, UnixDatagramBatch } from '../../../src/index.js';
import { expectNoFilesLeftOpen, expectOpened, openFiles } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';

expectNoFilesLeftOpen();

const abstractName = () => `\0em-${randomUUID()}`;

function textsOf(batch: UnixDatagramBatch, count: number): string[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(batch.bytesAt(index)).toString());
}

test('a batch transfers messages of mixed sizes, empty ones too, between named sockets', () => {
  const names = [abstractName(), abstractName()] as const;
  using server = UnixDatagram.bind({ path: names[0] });
  using client = UnixDatagram.bind({ path: names[1] });
  const batch = new UnixDatagramBatch({ capacity: 8, bytesPerDatagram: 100_000 });
  const messages = ['one', '', 'x'.repeat(70_000), 'four'];
  for (const [index, message] of messages.entries()) {
    batch.put(index, Buffer.from(message), names[0]);
  }
  expect(client.sendMany(batch, 4)).toBe(4);
  const received = new UnixDatagramBatch({ bytesPerDatagram: 100_000 });
  expect(server.receiveMany(received)).toBe(4);
  expect(textsOf(received, 4)).toEqual(messages);
  expect([0, 1, 2, 3].map((index) => received.peerAt(index))).toEqual(Array(4).fill(names[1]));
  expect(server.sendMany(received, 4)).toBe(4);
  expect(client.receiveMany(batch)).toBe(4);
  expect(textsOf(batch, 4)).toEqual(messages);
  expect(batch.peerAt(3)).toBe(names[0]);
});

test('messages of a peer without a name go back over the connection', () => {
  const [one, other] = UnixDatagram.pair();
  const batch = new UnixDatagramBatch({ capacity: 2, bytesPerDatagram: 4 });
  batch.put(0, Buffer.from('fits'));
  one.sendMany(batch, 1);
  one.send(Buffer.from('too long'));
  expect(other.receiveMany(batch)).toBe(2);
  expect([batch.peerAt(0), batch.truncatedAt(0), batch.truncatedAt(1)]).toEqual([undefined, false, true]);
  expect(other.sendMany(batch, 2)).toBe(2);
  expect([one.receiveMany(batch), textsOf(batch, 2)]).toEqual([2, ['fits', 'too ']]);
  one.close();
  expect(raises(() => other.sendMany(batch, 1))).toMatchObject({ code: 'ECONNREFUSED', syscall: 'sendmmsg' });
  other.close();
});

test('if the receiver has no room in the middle of a batch, the rest can be sent later, and nothing is lost', () => {
  const [sender, receiver] = UnixDatagram.pair();
  const COUNT = 256;
  const batch = new UnixDatagramBatch({ capacity: COUNT, bytesPerDatagram: 4_096 });
  for (let index = 0; index < COUNT; index++) {
    const bytes = Buffer.alloc(4_096);
    bytes.writeUInt16BE(index);
    batch.put(index, bytes);
  }
  // More than a send buffer holds.
  const first = sender.sendMany(batch, COUNT) ?? 0;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(COUNT);
  expect(sender.sendMany(batch, COUNT - first, first)).toBeUndefined();
  const received = new UnixDatagramBatch({ capacity: 7, bytesPerDatagram: 4_096 });
  const seen: number[] = [];
  for (let sent = first; seen.length < COUNT; ) {
    const count = receiver.receiveMany(received) ?? 0;
    for (let index = 0; index < count; index++) {
      seen.push(Buffer.from(received.bytesAt(index)).readUInt16BE());
    }
    sent += sender.sendMany(batch, COUNT - sent, sent) ?? 0;
  }
  expect(seen).toEqual([...Array(COUNT).keys()]);
  sender.close();
  receiver.close();
});

test('fds that come with a message are closed', async () => {
  const [one, other] = UnixDatagram.pair();
  using eventFd = new EventFd();
  const before = openFiles();
  one.sendFds([eventFd], Buffer.from('x'));
  one.sendFds([eventFd], Buffer.from('y'));
  const batch = new UnixDatagramBatch();
  expect([other.receiveMany(batch), textsOf(batch, 2)]).toEqual([2, ['x', 'y']]);
  await expectOpened(before);
  one.close();
  other.close();
});
