import { TcpListener } from '@em/sys';
import { expect, test } from 'vitest';
import { VsockListener, VsockStream } from '../../src/vsock.js';
import { raises } from '../support/raises.js';

test.each<[string, unknown, string]>([
  ['no address', undefined, 'ERR_INVALID_ARG_TYPE'],
  ['no port', { cid: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['a negative port', { cid: 1, port: -1 }, 'ERR_OUT_OF_RANGE'],
  ['a context of 33 bits', { cid: 2 ** 32, port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['an unknown property', { cid: 1, port: 1, host: 'x' }, 'ERR_INVALID_ARG_TYPE'],
])('connect() refuses %s', (_, address, code) => {
  expect(raises(() => VsockStream.connect(address as never)).code).toBe(code);
});

test('listen() refuses a wrong port', () => {
  expect(raises(() => VsockListener.listen({ port: 0.5 })).code).toBe('ERR_OUT_OF_RANGE');
});

test('adopt() refuses another socket', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  for (const type of [VsockListener, VsockStream]) {
    expect(raises(() => type.adopt(listener.fd)).code).toBe('ERR_EM_WRONG_KIND');
  }
  expect(listener.closed).toBe(false);
});
