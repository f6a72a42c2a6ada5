import { describe, expect, test } from 'vitest';
import { array, bytes, i16, i32, i64, padding, text, u8, u16, u32, u64 } from '../../src/struct/fields.js';
import { Struct } from '../../src/struct/struct.js';
import { raises } from '../support/raises.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Everything {
  readonly small: number;
  readonly short: number;
  readonly word: number;
  readonly long: bigint;
  readonly below: number;
  readonly negative: number;
  readonly past: bigint;
  readonly name: string;
  readonly raw: Uint8Array;
  readonly at: Point;
  readonly corners: readonly Point[];
}

const point = new Struct<Point>({ x: i16, y: i16 });
const everything = new Struct<Everything>({
  small: u8,
  _a: padding(1),
  short: u16,
  word: u32,
  long: u64,
  below: i16,
  _b: padding(2),
  negative: i32,
  past: i64,
  name: text(6),
  raw: bytes(2),
  at: point,
  corners: array(point, 2),
  _c: padding(4),
});

const value: Everything = {
  small: 0xff,
  short: 0xfffe,
  word: 0xffff_fffd,
  long: 2n ** 64n - 4n,
  below: -5,
  negative: -6,
  past: -7n,
  name: 'höhe',
  raw: Uint8Array.of(1, 2),
  at: { x: -1, y: 2 },
  corners: [
    { x: 3, y: 4 },
    { x: 5, y: 6 },
  ],
};

describe('a struct', () => {
  test('is the same after encode() and decode()', () => {
    expect(everything.decode(everything.encode(value))).toEqual(value);
  });

  test('has its fields at their offsets, the lowest byte first', () => {
    expect(everything.size).toBe(56);
    expect(Buffer.from(everything.encode(value)).toString('hex')).toBe(
      'ff00feff' +
        'fdffffff' +
        'fcffffffffffffff' +
        'fbff0000' +
        'faffffff' +
        'f9ffffffffffffff' +
        '68c3b6686500' +
        '0102' +
        'ffff0200' +
        '0300040005000600' +
        '00000000',
    );
  });

  test('is zeros where fields are left out', () => {
    expect([...point.encode({ y: 1 })]).toEqual([0, 0, 1, 0]);
    expect([...everything.encode()]).toEqual(Array(everything.size).fill(0));
  });

  test('can be within other bytes', () => {
    const memory = Uint8Array.from([9, 9, ...point.encode({ x: 7, y: 8 }), 9, 9]);
    expect(point.decode(memory.subarray(1), 1)).toEqual({ x: 7, y: 8 });
    expect(() => point.decode(memory, 5)).toThrow(RangeError);
  });

  test('copies bytes when it is decoded', () => {
    const memory = everything.encode(value);
    const { raw } = everything.decode(memory);
    memory.fill(0);
    expect([...raw]).toEqual([1, 2]);
  });

  test('decodes a text without a zero to its end, and a text that is no UTF-8', () => {
    const named = new Struct<{ name: string }>({ name: text(4) });
    expect(named.decode(Buffer.from('abcd')).name).toBe('abcd');
    expect(named.decode(Uint8Array.of(0x61, 0xff, 0, 0x62)).name).toBe('a\ufffd');
  });

  test.each([
    ['a text without room for its zero', { name: 'abcdef' }],
    ['a text with a zero', { name: 'a\0b' }],
    ['too many bytes', { raw: new Uint8Array(3) }],
    ['too many values', { corners: [value.at, value.at, value.at] }],
  ])('refuses %s', (_, wrong) => {
    expect(raises(() => everything.encode(wrong)).code).toBe('ERR_OUT_OF_RANGE');
  });

  test('cannot be defined without its padding', () => {
    expect(() => new Struct<{ a: number; b: number }>({ a: u8, b: u32 })).toThrow('Padding is missing before b');
    expect(() => new Struct<{ a: number; b: number }>({ a: u32, b: u8 })).toThrow('Padding is missing at the end');
  });
});
