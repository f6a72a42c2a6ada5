import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UnixDatagram, UnixListener, UnixSeqpacket, UnixSeqpacketListener, UnixStream } from '../../../src/index.js';
import { expectNoFilesLeftOpen } from '../../support/open-files.js';
import { abstract, inFolder } from '../../support/unix-places.js';

expectNoFilesLeftOpen();

const suffixed = (place: () => string, ...suffix: number[]) =>
  Buffer.concat([Buffer.from(place()), Buffer.of(...suffix)]);
const asBytes = (name: string | Uint8Array | undefined) => Buffer.from(name ?? '').toString('hex');

/** Names that text cannot hold, and names that it can. One contains U+FFFD itself. */
const NAMES: Readonly<Record<string, () => string | Buffer>> = {
  'a path that is not UTF-8': () => suffixed(inFolder, 0xff),
  'a path that ends within a character': () => suffixed(inFolder, 0xe2, 0x82),
  'an abstract name that is not UTF-8': () => suffixed(abstract, 0xff, 0xfe),
  'an abstract name with NULs that is not UTF-8': () => suffixed(abstract, 0, 0xff, 0),
  'a path of text': inFolder,
  'a path of U+FFFD': () => `${inFolder()}\ufffd`,
  'an abstract name with NULs': () => `${abstract()}\0\0`,
};

test.each(Object.entries(NAMES))('%s is the same when it is bound, received and answered', (_, nameOf) => {
  const [mine, yours] = [nameOf(), nameOf()];
  using server = UnixDatagram.bind({ path: mine });
  using client = UnixDatagram.bind({ path: yours });
  // The socket that would receive the answer if the name were read as text.
  using other = typeof yours === 'string' ? undefined : UnixDatagram.bind({ path: yours.toString() });
  expect(server.localAddress).toEqual(mine);
  if (Buffer.from(mine)[0] !== 0) {
    expect(statSync(Buffer.from(mine)).isSocket()).toBe(true);
  }
  client.sendTo(mine, Buffer.from('ping'));
  client.sendTo(mine, Buffer.from('ping'));
  const first = server.receiveFrom(Buffer.alloc(8))?.from;
  const second = server.receiveFds(Buffer.alloc(8))?.from;
  expect([asBytes(first), asBytes(second)]).toEqual([asBytes(yours), asBytes(yours)]);
  expect(first).toEqual(yours);
  server.sendTo(first ?? '', Buffer.from('pong'));
  expect(client.receiveFrom(Buffer.alloc(8))).toEqual({ length: 4, truncated: false, from: mine });
  expect(other?.receiveFrom(Buffer.alloc(8))).toBeUndefined();
  using connected = UnixDatagram.connect({ path: mine });
  expect(connected.remoteAddress).toEqual(mine);
});

test.each(
  Object.entries(NAMES).flatMap(([name, nameOf]) => [
    [name, 'stream', UnixListener, UnixStream, nameOf] as const,
    [name, 'seqpacket', UnixSeqpacketListener, UnixSeqpacket, nameOf] as const,
  ]),
)('%s is the same when a %s socket listens and when one connects', (_name, _type, Listener, Connection, nameOf) => {
  const path = nameOf();
  using listener = Listener.listen({ path });
  using near = Connection.connect({ path });
  using far = listener.accept();
  expect([listener.address, near?.remoteAddress, far?.localAddress]).toEqual([path, path, path]);
});

test('a name does not change when the memory that it was received in is used again', () => {
  const [mine, yours, theirs] = [abstract(), suffixed(abstract, 0xff), suffixed(abstract, 0xfe)];
  using server = UnixDatagram.bind({ path: mine });
  using one = UnixDatagram.bind({ path: yours });
  using other = UnixDatagram.bind({ path: theirs });
  one.sendTo(mine, new Uint8Array(1));
  other.sendTo(mine, new Uint8Array(1));
  const from = server.receiveFrom(new Uint8Array(1))?.from;
  expect(server.receiveFrom(new Uint8Array(1))?.from).toEqual(theirs);
  expect(from).toEqual(yours);
});

test('bind() uses all bytes of a path, even if the array has another length property', () => {
  const path = suffixed(abstract, 0xff);
  const lying = Object.defineProperty(new Uint8Array(path), 'length', { get: () => 1 });
  using socket = UnixDatagram.bind({ path: lying });
  expect(socket.localAddress).toEqual(path);
});
