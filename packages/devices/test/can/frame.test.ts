import { EventFd } from '@em/sys';
import { expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '../../src/can/frame.js';
import { CanSocket, type NewCanFrame } from '../../src/can.js';
import { raises } from '../support/raises.js';

const NONE = { extended: false, fd: false, bitRateSwitch: false, errorPassive: false };

test.each<[NewCanFrame, object]>([
  [{ id: 0x123 }, { ...NONE, kind: 'data', id: 0x123, data: new Uint8Array(0) }],
  [
    { id: 0x7ff, data: Uint8Array.of(1, 2) },
    { ...NONE, kind: 'data', id: 0x7ff, data: Uint8Array.of(1, 2) },
  ],
  [{ id: 0x800 }, { ...NONE, kind: 'data', id: 0x800, extended: true, data: new Uint8Array(0) }],
  [
    { id: 1, extended: true },
    { ...NONE, kind: 'data', id: 1, extended: true, data: new Uint8Array(0) },
  ],
  [
    { id: 5, kind: 'remote', data: new Uint8Array(4) },
    { ...NONE, kind: 'remote', id: 5, data: new Uint8Array(4) },
  ],
  [
    { id: 6, fd: true, bitRateSwitch: true, data: new Uint8Array(64).fill(7) },
    { ...NONE, kind: 'data', id: 6, fd: true, bitRateSwitch: true, data: new Uint8Array(64).fill(7) },
  ],
])('%j is sent and received as it is', (frame, received) => {
  const bytes = encodeFrame(frame);
  expect(decodeFrame(bytes, bytes.length)).toEqual(received);
});

test.each<[string, object, string]>([
  ['no identifier', {}, 'ERR_INVALID_ARG_TYPE'],
  ['an identifier of 30 bits', { id: 0x2000_0000 }, 'ERR_OUT_OF_RANGE'],
  ['an identifier that is too long for its kind', { id: 0x800, extended: false }, 'ERR_OUT_OF_RANGE'],
  ['9 bytes', { id: 1, data: new Uint8Array(9) }, 'ERR_OUT_OF_RANGE'],
  ['13 bytes of CAN FD', { id: 1, fd: true, data: new Uint8Array(13) }, 'ERR_OUT_OF_RANGE'],
  ['text as data', { id: 1, data: 'abc' }, 'ERR_INVALID_ARG_TYPE'],
  ['a remote frame of CAN FD', { id: 1, fd: true, kind: 'remote' }, 'ERR_OUT_OF_RANGE'],
  ['an error frame', { id: 1, kind: 'error' }, 'ERR_OUT_OF_RANGE'],
  ['two speeds in classic CAN', { id: 1, bitRateSwitch: true }, 'ERR_OUT_OF_RANGE'],
  ['an unknown property', { id: 1, dlc: 3 }, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused', (_, frame, code) => {
  expect(raises(() => encodeFrame(frame as NewCanFrame)).code).toBe(code);
});

test.each<[string, unknown, unknown, string]>([
  ['no name', undefined, {}, 'ERR_INVALID_ARG_TYPE'],
  ['a path as name', '/dev/can0', {}, 'ERR_OUT_OF_RANGE'],
  ['a name that is too long', 'sixteen-bytes-xx', {}, 'ERR_OUT_OF_RANGE'],
  ['one filter without an array', 'can0', { filters: { id: 1 } }, 'ERR_INVALID_ARG_TYPE'],
  ['too many filters', 'can0', { filters: Array(513).fill({ id: 1 }) }, 'ERR_OUT_OF_RANGE'],
  ['a mask of 32 bits', 'can0', { filters: [{ id: 1, mask: 0xffff_ffff }] }, 'ERR_OUT_OF_RANGE'],
  ['a number as a flag', 'can0', { fdFrames: 1 }, 'ERR_INVALID_ARG_TYPE'],
])('open() refuses %s', (_, name, options, code) => {
  expect(raises(() => CanSocket.open(name as string, options as never)).code).toBe(code);
});

test('the error of open() says which module to load if the kernel has no CAN', () => {
  const { code, message } = raises(() => CanSocket.open('nocan0'));
  expect(`${code} ${message}`).toMatch(/^(ENODEV |EAFNOSUPPORT .*; load its kernel module: modprobe can-raw$)/);
});

test('adopt() refuses an fd that stands for something else', () => {
  using eventFd = new EventFd();
  expect(raises(() => CanSocket.adopt(eventFd.fd)).code).toBe('ERR_EM_WRONG_KIND');
});
