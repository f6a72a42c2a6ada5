import { closeSync, openSync } from 'node:fs';
import { EventFd } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { InputDevice, VirtualInput } from '../../src/input.js';
import { raises } from '../support/raises.js';

test.each<[string, unknown, string]>([
  ['no name', { name: '' }, 'ERR_OUT_OF_RANGE'],
  ['a name that is too long', { name: 'é'.repeat(40) }, 'ERR_OUT_OF_RANGE'],
  ['a name with a zero', { name: 'a\0b' }, 'ERR_OUT_OF_RANGE'],
  ['a name that is not text', { name: 7 }, 'ERR_INVALID_ARG_TYPE'],
  ['a vendor out of range', { name: 'em', id: { vendor: 65_536 } }, 'ERR_OUT_OF_RANGE'],
  ['an unknown number', { name: 'em', id: { serial: 1 } }, 'ERR_INVALID_ARG_TYPE'],
  ['a key out of range', { name: 'em', keys: [0x300] }, 'ERR_OUT_OF_RANGE'],
  ['keys that are no array', { name: 'em', keys: 30 }, 'ERR_INVALID_ARG_TYPE'],
  ['a relative axis out of range', { name: 'em', relative: [0x10] }, 'ERR_OUT_OF_RANGE'],
  ['an absolute axis out of range', { name: 'em', absolute: [{ code: 0x40, min: 0, max: 1 }] }, 'ERR_OUT_OF_RANGE'],
  ['an axis that ends before it starts', { name: 'em', absolute: [{ code: 0, min: 2, max: 1 }] }, 'ERR_OUT_OF_RANGE'],
  ['an axis without a range', { name: 'em', absolute: [{ code: 0 }] }, 'ERR_INVALID_ARG_TYPE'],
  ['a switch out of range', { name: 'em', switches: [0x11] }, 'ERR_OUT_OF_RANGE'],
  ['an unknown option', { name: 'em', leds: [] }, 'ERR_INVALID_ARG_TYPE'],
])('create() refuses %s', (_, options, code) => {
  const message = expect.stringMatching(/^"options\b/);
  expect(raises(() => VirtualInput.create(options as never))).toMatchObject({ code, message });
});

test('open() refuses a file that is not an input device', () => {
  expect(raises(() => InputDevice.open('/dev/null'))).toMatchObject({
    code: 'ENOTTY',
    path: '/dev/null',
    message: expect.stringContaining('Cannot use /dev/null: ENOTTY'),
  });
});

test('open() names the path if there is no such device', () => {
  expect(raises(() => InputDevice.open('/dev/input/none'))).toMatchObject({ code: 'ENOENT', path: '/dev/input/none' });
});

describe('adopt() refuses an fd that stands for something else, and leaves it open', () => {
  test.each([
    ['an input device', InputDevice],
    ['a virtual input device', VirtualInput],
  ])('not %s', (kind, type) => {
    using eventFd = new EventFd();
    expect(raises(() => type.adopt(eventFd.fd))).toMatchObject({
      code: 'ERR_EM_WRONG_KIND',
      message: `Cannot adopt fd ${eventFd.fd}: it is anon_inode:[eventfd], not ${kind}`,
    });
    const fd = openSync('/dev/null', 'r');
    expect(raises(() => type.adopt(fd)).code).toBe('ERR_EM_WRONG_KIND');
    closeSync(fd);
  });
});
