import type { Field, Padding } from './fields.js';

/**
 * The fields of a struct, in their order and with their names in C. Padding is written out, under names that start with
 * an underscore.
 */
export type Fields<T> = { readonly [Name in keyof T]-?: Field<T[Name]> } & { readonly [name: `_${string}`]: Padding };

/** A struct of the kernel. It is a field itself, for structs within structs. */
export class Struct<T extends object> implements Field<T> {
  readonly size: number;
  readonly alignment: number;
  readonly #fields: readonly (readonly [name: keyof T & string, field: Field<unknown>, offset: number])[];

  /**
   * @throws Error if a field is not aligned, or the size is not a multiple of the alignment: padding is missing.
   */
  constructor(fields: Fields<T>) {
    const parts = Object.entries<Field<unknown> | Padding>(fields);
    const placed: (readonly [keyof T & string, Field<unknown>, number])[] = [];
    let offset = 0;
    for (const [name, part] of parts) {
      if (offset % part.alignment !== 0) {
        throw new Error(`Padding is missing before ${name}: offset ${offset} is no multiple of ${part.alignment}`);
      }
      if ('read' in part) {
        placed.push([name as keyof T & string, part, offset]);
      }
      offset += part.size;
    }
    this.#fields = placed;
    this.size = offset;
    this.alignment = Math.max(...parts.map(([, part]) => part.alignment));
    if (offset % this.alignment !== 0) {
      throw new Error(`Padding is missing at the end: size ${offset} is no multiple of ${this.alignment}`);
    }
  }

  /** The names of the fields, with their offsets. */
  get offsets(): readonly (readonly [name: string, offset: number])[] {
    return this.#fields.map(([name, , offset]) => [name, offset]);
  }

  read(view: DataView, at: number): T {
    return Object.fromEntries(this.#fields.map(([name, field, offset]) => [name, field.read(view, at + offset)])) as T;
  }

  /** Leaves padding as it is. */
  write(view: DataView, at: number, value: T): void {
    this.#write(view, at, value);
  }

  /**
   * Reads a struct from bytes.
   *
   * @throws RangeError if it is not within the bytes.
   */
  decode(bytes: Uint8Array, offset: number = 0): T {
    return this.read(new DataView(bytes.buffer, bytes.byteOffset + offset, this.size), 0);
  }

  /** Makes the bytes of a struct. Fields that are left out are zeros. */
  encode(value: Partial<T> = {}): Uint8Array {
    const bytes = new Uint8Array(this.size);
    this.#write(new DataView(bytes.buffer), 0, value);
    return bytes;
  }

  #write(view: DataView, at: number, value: Partial<T>): void {
    for (const [name, field, offset] of this.#fields) {
      if (value[name] !== undefined) {
        field.write(view, at + offset, value[name]);
      }
    }
  }
}
