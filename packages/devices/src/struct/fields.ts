import { outOfRange } from '@em/core/check';

/** A part of a struct: how many bytes it has, and how they stand for a value. */
export interface Field<T> {
  readonly size: number;
  /** The offset in the struct is a multiple of it. */
  readonly alignment: number;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

/** Bytes without a meaning. They are written as zeros. */
export interface Padding {
  readonly size: number;
  readonly alignment: 1;
}

// All machines that this package runs on store the lowest byte of a number first.
const LITTLE_ENDIAN = true;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const u8: Field<number> = {
  size: 1,
  alignment: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};

export const u16: Field<number> = {
  size: 2,
  alignment: 2,
  read: (view, at) => view.getUint16(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setUint16(at, value, LITTLE_ENDIAN),
};

export const u32: Field<number> = {
  size: 4,
  alignment: 4,
  read: (view, at) => view.getUint32(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setUint32(at, value, LITTLE_ENDIAN),
};

export const i16: Field<number> = {
  size: 2,
  alignment: 2,
  read: (view, at) => view.getInt16(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setInt16(at, value, LITTLE_ENDIAN),
};

export const i32: Field<number> = {
  size: 4,
  alignment: 4,
  read: (view, at) => view.getInt32(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setInt32(at, value, LITTLE_ENDIAN),
};

export const u64: Field<bigint> = {
  size: 8,
  alignment: 8,
  read: (view, at) => view.getBigUint64(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setBigUint64(at, value, LITTLE_ENDIAN),
};

export const i64: Field<bigint> = {
  size: 8,
  alignment: 8,
  read: (view, at) => view.getBigInt64(at, LITTLE_ENDIAN),
  write: (view, at, value) => view.setBigInt64(at, value, LITTLE_ENDIAN),
};

/** Bytes as they are. `read` copies them. A shorter value is followed by zeros. */
export function bytes(size: number): Field<Uint8Array> {
  return {
    size,
    alignment: 1,
    read: (view, at) => bytesOf(view, at, size).slice(),
    write: (view, at, value) => {
      if (value.length > size) {
        throw outOfRange('bytes', `at most ${size} bytes`, value.length);
      }
      const all = bytesOf(view, at, size);
      all.fill(0);
      all.set(value);
    },
  };
}

/** UTF-8 that ends with a zero, within `size` bytes. */
export function text(size: number): Field<string> {
  const whole = bytes(size);
  return {
    size,
    alignment: 1,
    read: (view, at) => {
      const all = bytesOf(view, at, size);
      const end = all.indexOf(0);
      // Not all browsers and runtimes decode shared memory: `slice` copies.
      return decoder.decode(all.slice(0, end === -1 ? size : end));
    },
    write: (view, at, value) => {
      const encoded = encoder.encode(value);
      if (encoded.length >= size || encoded.includes(0)) {
        throw outOfRange('text', `at most ${size - 1} bytes in UTF-8, without a zero`, value);
      }
      whole.write(view, at, encoded);
    },
  };
}

/** The same field several times. A shorter value leaves the rest as it was. */
export function array<T>(field: Field<T>, length: number): Field<readonly T[]> {
  return {
    size: field.size * length,
    alignment: field.alignment,
    read: (view, at) => Array.from({ length }, (_, index) => field.read(view, at + index * field.size)),
    write: (view, at, values) => {
      if (values.length > length) {
        throw outOfRange('values', `at most ${length} values`, values.length);
      }
      for (const [index, value] of values.entries()) {
        field.write(view, at + index * field.size, value);
      }
    },
  };
}

export function padding(size: number): Padding {
  return { size, alignment: 1 };
}

function bytesOf(view: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, size);
}
