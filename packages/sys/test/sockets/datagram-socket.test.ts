import { describe, expect, test } from 'vitest';
import { EventFd, EventSet, UdpSocket, UnixDatagram, UnixSeqpacket } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

type End = UdpSocket | UnixDatagram | UnixSeqpacket;

describe.each<[string, () => [End, End]]>([
  ['UDP', udpPair],
  ['a unix datagram socket', () => UnixDatagram.pair()],
  ['a unix seqpacket socket', () => UnixSeqpacket.pair()],
])('receive() of %s', (_, pair) => {
  test('takes one message, as much of it as fits in the buffer, and returns its length', () => {
    const [one, other] = pair();
    const into = Buffer.alloc(8, '.');
    expect(other.receive(into)).toBeUndefined();
    for (const message of ['ping', '', 'too long', 'fits']) {
      one.send(Buffer.from(message));
    }
    const next = (offset: number, length?: number) =>
      waitFor(other, EventSet.IN, () => other.receive(into, offset, length));
    expect([next(1), into.toString()]).toEqual([4, '.ping...']);
    expect(next(0)).toBe(0);
    expect([next(2, 4), into.toString()]).toEqual([4, '.ptoo ..']);
    expect([next(0), into.toString()]).toEqual([4, 'fitso ..']);
    expect(other.receive(into)).toBeUndefined();
    for (const args of [['text'], [into, 9], [into, 4, 5]]) {
      expect(raises(() => Reflect.apply(other.receive, other, args)).code).toMatch(
        /^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/,
      );
    }
    one.close();
    other.close();
    expect(raises(() => other.receive(into)).code).toBe('ERR_EM_CLOSED');
  });
});

test.each<[string, () => [UnixDatagram, UnixDatagram] | [UnixSeqpacket, UnixSeqpacket]]>([
  ['a unix datagram socket', () => UnixDatagram.pair()],
  ['a unix seqpacket socket', () => UnixSeqpacket.pair()],
])('receive() of %s leaves no fd open that came with a message', (_, pair) => {
  const [one, other] = pair();
  using eventFd = new EventFd();
  one.sendFds([eventFd], Buffer.from('fd'));
  expect(other.receive(Buffer.alloc(8))).toBe(2);
  one.close();
  other.close();
});

test('receive() returns 0 at the end of a seqpacket connection', () => {
  const [one, other] = UnixSeqpacket.pair();
  one.close();
  expect(other.receive(Buffer.alloc(8))).toBe(0);
  other.close();
});

function udpPair(): [UdpSocket, UdpSocket] {
  const other = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  return [UdpSocket.connect({ host: '127.0.0.1', port: other.localAddress.port }), other];
}
