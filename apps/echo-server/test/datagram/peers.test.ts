import { UnixDatagramBatch, type UnixName } from '@em/sys';
import { expect, test } from 'vitest';
import { keyOfName, unixPeers } from '../../src/datagram/peers.js';

const LATIN = Buffer.from('/run/\xff', 'latin1');

test('a unix socket of this server is not answered, even if its name is not UTF-8', () => {
  const { sourceAt } = unixPeers(new Set([keyOfName(LATIN), keyOfName('/run/text')]));
  const batch = new UnixDatagramBatch({ capacity: 1, bytesPerDatagram: 1 });
  const isClient = (name: UnixName): boolean => {
    batch.put(0, new Uint8Array(1), name);
    return sourceAt(batch, 0, 0) >= 0;
  };
  expect([Buffer.from(LATIN), '/run/text'].map(isClient)).toEqual([false, false]);
  expect([LATIN.toString(), LATIN.toString('latin1'), Buffer.from('/run/\xfe', 'latin1')].map(isClient)).toEqual([
    true,
    true,
    true,
  ]);
});
