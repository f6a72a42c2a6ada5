import { endianness } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInotifyEvents } from '../../src/inotify/inotify-event.js';
import { raises } from '../support/raises.js';

const LITTLE_ENDIAN = endianness() === 'LE';

/** Builds a `struct inotify_event`, with its name padded as the kernel does. */
function eventBytes(watch: number, mask: number, cookie: number, name: Uint8Array): Buffer {
  const length = name.length === 0 ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const bytes = Buffer.alloc(16 + length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setInt32(0, watch, LITTLE_ENDIAN);
  view.setUint32(4, mask, LITTLE_ENDIAN);
  view.setUint32(8, cookie, LITTLE_ENDIAN);
  view.setUint32(12, length, LITTLE_ENDIAN);
  bytes.set(name, 16);
  return bytes;
}

const name = fc
  .uint8Array({ maxLength: 255 })
  .map((bytes) => bytes.filter((byte) => byte !== 0))
  .map((bytes) => Buffer.from(bytes));
const change = fc.record({ watch: fc.integer({ min: 1, max: 0x7fff_ffff }), cookie: fc.nat(0xffff_ffff), name });

test('every event is parsed as it was built, whatever bytes its name has', () => {
  fc.assert(
    fc.property(fc.array(change), fc.nat(7), (changes, shift) => {
      const parts = changes.map(({ watch, cookie, name }) => eventBytes(watch, 0x4000_0100, cookie, name));
      const bytes = Buffer.concat([Buffer.alloc(shift), ...parts]).subarray(shift);
      expect(parseInotifyEvents(bytes)).toEqual(
        changes.map(({ watch, cookie, name }) => ({
          overflow: false,
          watch,
          changes: ['CREATE', 'ISDIR'],
          cookie,
          name: name.length === 0 ? undefined : name.toString(),
          nameBytes: name.length === 0 ? undefined : name,
        })),
      );
    }),
  );
});

test('an overflow is an event of its own, without a watch', () => {
  const none = new Uint8Array(0);
  const bytes = Buffer.concat([eventBytes(1, 2, 0, none), eventBytes(-1, 0x4000, 0, none)]);
  expect(parseInotifyEvents(bytes)).toMatchObject([{ overflow: false, changes: ['MODIFY'] }, { overflow: true }]);
});

test('an event that is cut off anywhere is refused, and nothing beyond it is read', () => {
  const whole = eventBytes(1, 0x100, 0, Buffer.from('name'));
  const around = Buffer.concat([whole, whole]);
  for (let size = 1; size < whole.length; size++) {
    expect(raises(() => parseInotifyEvents(around.subarray(0, size))).code).toBe('ERR_OUT_OF_RANGE');
    expect(raises(() => parseInotifyEvents(around.subarray(0, whole.length + size))).code).toBe('ERR_OUT_OF_RANGE');
  }
});

test('any bytes are either parsed or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect(parseInotifyEvents(bytes).length).toBeLessThanOrEqual(bytes.length / 16);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
      }
    }),
  );
});

test('the next read does not change the name of an event', () => {
  const bytes = eventBytes(1, 0x100, 0, Buffer.from('name'));
  const [event] = parseInotifyEvents(bytes);
  bytes.fill(0);
  expect(event).toMatchObject({ nameBytes: Buffer.from('name') });
});
