import { closeSync, openSync } from 'node:fs';
import { EventFd } from '@em/sys';
import { expect, test } from 'vitest';
import { Tun } from '../../src/tun.js';
import { raises } from '../support/raises.js';

test.each<[string, unknown, string]>([
  ['another mode', { mode: 'bridge' }, 'ERR_OUT_OF_RANGE'],
  ['a mode that is not text', { mode: 1 }, 'ERR_OUT_OF_RANGE'],
  ['no name', { name: '' }, 'ERR_OUT_OF_RANGE'],
  ['a name that is too long', { name: 'sixteen-bytes-xx' }, 'ERR_OUT_OF_RANGE'],
  ['a name of many bytes', { name: 'ééééééééé' }, 'ERR_OUT_OF_RANGE'],
  ['a name with a slash', { name: 'a/b' }, 'ERR_OUT_OF_RANGE'],
  ['a name with a blank', { name: 'a b' }, 'ERR_OUT_OF_RANGE'],
  ['a name with a zero', { name: 'a\0b' }, 'ERR_OUT_OF_RANGE'],
  ['a name of dots', { name: '..' }, 'ERR_OUT_OF_RANGE'],
  ['a name with another format', { name: 'tun%s' }, 'ERR_OUT_OF_RANGE'],
  ['a name with two numbers', { name: '%d%d' }, 'ERR_OUT_OF_RANGE'],
  ['a name that is not text', { name: 7 }, 'ERR_INVALID_ARG_TYPE'],
  ['an unknown option', { mtu: 1400 }, 'ERR_INVALID_ARG_TYPE'],
])('open() refuses %s', (_, options, code) => {
  expect(raises(() => Tun.open(options as never)).code).toBe(code);
});

test('adopt() refuses an fd that stands for something else, and leaves it open', () => {
  using eventFd = new EventFd();
  expect(raises(() => Tun.adopt(eventFd.fd))).toMatchObject({
    code: 'ERR_EM_WRONG_KIND',
    message: `Cannot adopt fd ${eventFd.fd}: it is anon_inode:[eventfd], not a TUN or TAP interface`,
  });
  const fd = openSync('/dev/null', 'r');
  expect(raises(() => Tun.adopt(fd)).code).toBe('ERR_EM_WRONG_KIND');
  closeSync(fd);
  expect(eventFd.closed).toBe(false);
});
