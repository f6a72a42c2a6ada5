import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { close, read, UnixStream, write } from '@em/sys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toDuplex } from '../src/index.js';
import { manager, useManager } from './running.js';

let near: UnixStream;
let far: UnixStream;

beforeEach(() => {
  [near, far] = UnixStream.pair();
});

afterEach(() => {
  near.close();
  far.close();
});

// Last, so that it looks for registrations before the ends are closed.
useManager();

test('an echo of 10 MB in both directions at once arrives as it was sent', async () => {
  const bytes = Buffer.alloc(10_000_000, 'abcdefghijk');
  const echo = toDuplex(manager, far);
  echo.pipe(echo);
  const stream = toDuplex(manager, near);
  stream.end(bytes);
  expect(Buffer.concat(await stream.toArray()).equals(bytes)).toBe(true);
  await finished(echo);
  expect([near.closed, far.closed]).toEqual([true, true]);
});

test('it stays half open: it can be written to after its input has ended', async () => {
  const stream = toDuplex(manager, near);
  far.shutdownWrite();
  stream.resume();
  await once(stream, 'end');
  stream.end('late');
  await finished(stream);
  expect(far.read(Buffer.alloc(8))).toBe(4);
});

test('with allowHalfOpen: false it ends when its input does', async () => {
  const stream = toDuplex(manager, near, { allowHalfOpen: false });
  far.shutdownWrite();
  stream.resume();
  await finished(stream);
  expect(near.closed).toBe(true);
});

test('while its input is not read, it still writes, and a hang-up of the peer is not reported again and again', async () => {
  const stream = toDuplex(manager, near, { highWaterMark: 1 });
  far.write(Buffer.from('abc'));
  await once(stream, 'readable');
  far.write(Buffer.from('def'));
  stream.write('out');
  await setImmediate();
  expect(far.read(Buffer.alloc(8))).toBe(3);
  far.close();
  const { dispatched } = manager.stats;
  for (let turn = 0; turn < 100; turn++) {
    await setImmediate();
  }
  expect(manager.stats.dispatched - dispatched).toBeLessThanOrEqual(2);
  stream.destroy();
  await once(stream, 'close');
});

test('a reset by the peer is an error', async () => {
  const stream = toDuplex(manager, near);
  near.write(Buffer.from('never read'));
  stream.resume();
  await setImmediate();
  far.close();
  await expect(finished(stream)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a bare fd takes the functions for it', async () => {
  const stream = toDuplex(manager, near.detach(), { read, write, close });
  stream.write('abc');
  far.write(Buffer.from('def'));
  const [chunk] = await once(stream, 'data');
  expect(String(chunk)).toBe('def');
  stream.destroy();
  await once(stream, 'close');
  const buffer = Buffer.alloc(8);
  expect([far.read(buffer), far.read(buffer)]).toEqual([3, 0]);
});

test.each([
  ['no fd object', null, {}, 'ERR_INVALID_ARG_TYPE'],
  ['a bare fd without functions', 3, {}, 'ERR_INVALID_ARG_TYPE'],
  ['an fd that cannot be one', -1, { read, write }, 'ERR_OUT_OF_RANGE'],
  ['a read that is no function', 3, { read: 1, write }, 'ERR_INVALID_ARG_TYPE'],
  ['records of no bytes', 3, { read, write, recordBytes: 0 }, 'ERR_OUT_OF_RANGE'],
  ['autoClose that is no boolean', 3, { read, write, autoClose: 1 }, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused at once', (_, fdObject, options, code) => {
  expect(() => Reflect.apply(toDuplex, undefined, [manager, fdObject, options])).toThrow(
    expect.objectContaining({ code }),
  );
});
