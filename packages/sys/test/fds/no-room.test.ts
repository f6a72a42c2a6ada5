import { afterEach, expect, test } from 'vitest';
import { AnySocket, EventFd, read, Socket, UnixDatagram, UnixSeqpacket } from '../../src/index.js';
import { connection, datagrams, type Keep, pipe, streams } from '../support/file-makers.js';
import { raises } from '../support/raises.js';

type Read = (buffer: Uint8Array, offset?: number, length?: number) => unknown;

const kept: { close(): void }[] = [];
const keep: Keep = (closable) => {
  kept.push(closable);
  return closable;
};
const { AF_INET, SOCK_DGRAM } = Socket.constants;

afterEach(() => {
  for (const closable of kept.splice(0).reverse()) {
    closable.close();
  }
});

const seqpackets = () => UnixSeqpacket.pair().map(keep) as [UnixSeqpacket, UnixSeqpacket];
const anySocket = () => keep(AnySocket.open({ family: AF_INET, type: SOCK_DGRAM }));

const READS: readonly [string, () => Read][] = [
  [
    'read()',
    () => {
      const { fd } = keep(new EventFd(1));
      return (...args) => read(fd, ...args);
    },
  ],
  ['PipeReader.read()', () => bound(pipe(keep).reader, 'read')],
  ['StreamSocket.read()', () => bound(connection(keep).near, 'read')],
  ['DatagramSocket.receive()', () => bound(datagrams(keep).near, 'receive')],
  ['AnySocket.receive()', () => bound(anySocket(), 'receive')],
  ['AnySocket.receiveFrom()', () => bound(anySocket(), 'receiveFrom')],
];
const WHOLE_READS: readonly [string, () => Read][] = [
  ['UnixStream.receiveFds()', () => bound(streams(keep).near, 'receiveFds')],
  ['UnixSeqpacket.receiveFds()', () => bound(seqpackets()[0], 'receiveFds')],
];

function bound<K extends string>(object: Record<K, Read>, method: K): Read {
  return (...args) => object[method](...args);
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

test.each(READS)('%s refuses a part without bytes: 0 would mean the end', (_, make) => {
  const call = make();
  const parts: readonly Parameters<Read>[] = [
    [new Uint8Array(8), 8],
    [new Uint8Array(8), 0, 0],
    [new Uint8Array(8), 4, 0],
  ];
  for (const args of parts) {
    expect(raises(() => call(...args)).code).toBe('ERR_OUT_OF_RANGE');
  }
});

test.each([...READS, ...WHOLE_READS])('%s refuses an empty or detached buffer', (_, make) => {
  const call = make();
  for (const buffer of [new Uint8Array(0), detached()]) {
    expect(raises(() => call(buffer)).code).toBe('ERR_OUT_OF_RANGE');
  }
});

test('an empty datagram is received as 0 bytes', () => {
  const [one, other] = UnixDatagram.pair().map(keep) as [UnixDatagram, UnixDatagram];
  one.send(new Uint8Array(0));
  one.send(new Uint8Array(0));
  expect(other.receive(new Uint8Array(1))).toBe(0);
  // receiveFrom() distinguishes an empty datagram from the end, so it accepts an empty buffer.
  expect(other.receiveFrom(new Uint8Array(0))).toMatchObject({ length: 0, truncated: false });
});
