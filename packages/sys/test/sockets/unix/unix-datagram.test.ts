import { rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EventManager, EventSet, UnixDatagram } from '../../../src/index.js';
import { expectNoFilesLeftOpen } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';
import { abstract, inFolder } from '../../support/unix-places.js';

expectNoFilesLeftOpen();

describe.each([
  ['paths', inFolder],
  ['abstract names', abstract],
])('over %s', (_, place) => {
  test('a message is received with its sender, and can be answered', () => {
    using server = UnixDatagram.bind({ path: place() });
    using client = UnixDatagram.bind({ path: place() });
    const into = Buffer.alloc(8, '.');
    expect(server.receiveFrom(into)).toBeUndefined();
    expect(client.sendTo(server.localAddress ?? '', Buffer.from('--ping'), 2)).toBe(4);
    expect(server.receiveFrom(into, 1, 6)).toEqual({ length: 4, truncated: false, from: client.localAddress });
    expect(into.toString()).toBe('.ping...');
    expect(server.sendTo(client.localAddress ?? '', into, 1, 4)).toBe(4);
    expect(client.receiveFrom(into)).toEqual({ length: 4, truncated: false, from: server.localAddress });
  });

  test('a sender without a name is undefined, even if the one before had a name', () => {
    const path = place();
    using server = UnixDatagram.bind({ path });
    using named = UnixDatagram.bind({ path: place() });
    using nameless = UnixDatagram.connect({ path });
    expect([nameless.localAddress, nameless.remoteAddress]).toEqual([undefined, path]);
    named.sendTo(path, new Uint8Array(1));
    nameless.send(new Uint8Array(1));
    expect(server.receiveFrom(new Uint8Array(1))?.from).toBe(named.localAddress);
    expect(server.receiveFrom(new Uint8Array(1))).toEqual({ length: 1, truncated: false, from: undefined });
  });
});

test('receiveFrom() reports that it cut a message, and the next one is whole', () => {
  const [one, other] = UnixDatagram.pair();
  one.send(Buffer.from('too long'));
  one.send(Buffer.from('fits'));
  const into = Buffer.alloc(4);
  expect(other.receiveFrom(into)).toMatchObject({ length: 4, truncated: true });
  expect(into.toString()).toBe('too ');
  expect(other.receiveFrom(into)).toMatchObject({ length: 4, truncated: false });
  one.close();
  other.close();
});

test('an empty message is sent and received', () => {
  using manager = new EventManager();
  const [one, other] = UnixDatagram.pair();
  const seen: unknown[] = [];
  manager.add(other, EventSet.IN, (events) => {
    seen.push(EventSet.format(events), other.receiveFrom(new Uint8Array(4))?.length);
  });
  manager.wait(0);
  expect(one.send(new Uint8Array(0))).toBe(0);
  manager.wait(0);
  manager.wait(0);
  expect(seen).toEqual(['IN', 0]);
  manager.close();
  one.close();
  other.close();
});

test('sending to a receiver without room would block, and no part of a message is sent', () => {
  const path = abstract();
  using receiver = UnixDatagram.bind({ path });
  using connected = UnixDatagram.connect({ path });
  using other = UnixDatagram.bind({ path: abstract() });
  const message = Buffer.from('message');
  let sent = 0;
  while (connected.send(message) !== undefined) {
    sent++;
  }
  expect(other.sendTo(path, message)).toBeUndefined();
  let received = 0;
  while (receiver.receiveFrom(message)?.length === message.length) {
    received++;
  }
  expect(received).toBe(sent);
  expect(other.sendTo(path, message)).toBe(message.length);
});

test('a message that is too long throws EMSGSIZE; one without a receiver ENOTCONN, ECONNREFUSED or ENOENT', () => {
  const path = inFolder();
  using receiver = UnixDatagram.bind({ path });
  using sender = UnixDatagram.bind({ path: abstract() });
  const one = new Uint8Array(1);
  expect(raises(() => sender.sendTo(path, new Uint8Array(sender.getSendBufferBytes() + 1)))).toMatchObject({
    code: 'EMSGSIZE',
    syscall: 'sendmsg',
    fd: sender.fd,
  });
  expect(raises(() => sender.send(one)).code).toBe('ENOTCONN');
  receiver.close();
  expect(raises(() => sender.sendTo(path, one)).code).toBe('ECONNREFUSED');
  expect(raises(() => UnixDatagram.connect({ path })).code).toBe('ECONNREFUSED');
  expect(statSync(path).isSocket()).toBe(true);
  rmSync(path);
  expect(raises(() => sender.sendTo(path, one)).code).toBe('ENOENT');
});

test('sending to a closed end of a pair throws ECONNREFUSED', () => {
  const [one, other] = UnixDatagram.pair();
  other.close();
  expect(raises(() => one.send(new Uint8Array(1))).code).toBe('ECONNREFUSED');
  one.close();
});

const bytes = new Uint8Array(8);

test.each<[string, unknown[], string]>([
  ['no buffer', [], 'ERR_INVALID_ARG_TYPE'],
  ['text', ['text'], 'ERR_INVALID_ARG_TYPE'],
  ['an ArrayBuffer', [bytes.buffer], 'ERR_INVALID_ARG_TYPE'],
  ['an offset past the end', [bytes, 9], 'ERR_OUT_OF_RANGE'],
  ['a length past the end', [bytes, 4, 5], 'ERR_OUT_OF_RANGE'],
  ['a negative length', [bytes, 0, -1], 'ERR_OUT_OF_RANGE'],
])('%s is refused before the system call', (_, args, code) => {
  const [one, other] = UnixDatagram.pair();
  expect(raises(() => Reflect.apply(one.send, one, args)).code).toBe(code);
  expect(raises(() => Reflect.apply(one.sendTo, one, ['/x', ...args])).code).toBe(code);
  expect(raises(() => Reflect.apply(one.receiveFrom, one, args)).code).toBe(code);
  expect(other.receiveFrom(new Uint8Array(1))).toBeUndefined();
  one.close();
  other.close();
});
