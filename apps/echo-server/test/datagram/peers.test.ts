import { expect, test } from 'vitest';
import { keyOfName, unixPeers } from '../../src/datagram/peers.js';

const LATIN = Buffer.from('/run/\xff', 'latin1');

test('a unix socket of this server is not answered, even if its name is not UTF-8', () => {
  const { isClient } = unixPeers(new Set([keyOfName(LATIN), keyOfName('/run/text')]));
  expect([Buffer.from(LATIN), '/run/text'].map(isClient)).toEqual([false, false]);
  expect([LATIN.toString(), LATIN.toString('latin1'), Buffer.from('/run/\xfe', 'latin1')].map(isClient)).toEqual([
    true,
    true,
    true,
  ]);
});
