import { isArrayBuffer } from 'node:util/types';

/** The kinds of arrays that the addon accepts. */
export type Kind = Uint8ArrayConstructor | Uint32ArrayConstructor | BigInt64ArrayConstructor;
export type AnyArray = Uint8Array | Uint32Array | BigInt64Array;
export type Memory = AnyArray | ArrayBuffer;

/** The bytes on either side of an array, which nothing may write to. A multiple of the size of every element. */
const MARGIN_BYTES = 64;

/** An array of zeros with room on either side. */
export function withMargins<K extends Kind>(kind: K, length: number): InstanceType<K> {
  return within(kind, new ArrayBuffer(2 * MARGIN_BYTES + length * kind.BYTES_PER_ELEMENT), length);
}

/** The same in shared memory. */
export function shared<K extends Kind>(kind: K, length: number): InstanceType<K> {
  return within(kind, new SharedArrayBuffer(2 * MARGIN_BYTES + length * kind.BYTES_PER_ELEMENT), length);
}

/** Arrays of the right kind with unusual memory. Most have room for `length` elements. */
export function oddArrays(kind: Kind, length: number): AnyArray[] {
  const bytes = 2 * MARGIN_BYTES + length * kind.BYTES_PER_ELEMENT;
  const maxByteLength = 2 * bytes;
  const changed = (make: (buffer: ArrayBuffer) => AnyArray, change: (buffer: ArrayBuffer) => void) => {
    const buffer = new ArrayBuffer(bytes, { maxByteLength });
    const array = make(buffer);
    change(buffer);
    return array;
  };
  const ofFixedLength = (buffer: ArrayBuffer) => within(kind, buffer, length);
  const toTheEnd = (buffer: ArrayBuffer) => Reflect.construct(kind, [buffer, MARGIN_BYTES]);
  return [
    Reflect.construct(kind, [0]),
    Reflect.construct(kind, [new ArrayBuffer(8 * (length + 1)), 8, length]),
    within(kind, new SharedArrayBuffer(bytes), length),
    within(kind, new SharedArrayBuffer(bytes, { maxByteLength }), length),
    ...[ofFixedLength, toTheEnd].flatMap((make) => [
      changed(make, (buffer) => buffer.resize(maxByteLength)),
      changed(make, (buffer) => buffer.resize(MARGIN_BYTES + kind.BYTES_PER_ELEMENT)),
      changed(make, (buffer) => buffer.resize(8)),
      changed(make, (buffer) => buffer.resize(0)),
      changed(make, (buffer) => structuredClone(buffer, { transfer: [buffer] })),
    ]),
    lying(kind, length),
  ];
}

/** Buffers of unusual sizes, and buffers that were resized or detached. */
export function oddBuffers(byteLength: number): ArrayBuffer[] {
  const sizes = [0, 1, byteLength - 1, byteLength + 1, 2 * byteLength];
  const detached = new ArrayBuffer(byteLength);
  structuredClone(detached, { transfer: [detached] });
  return [
    ...sizes.map((size) => new ArrayBuffer(size)),
    ...sizes.map((size) => {
      const buffer = new ArrayBuffer(byteLength, { maxByteLength: 2 * byteLength });
      buffer.resize(size);
      return buffer;
    }),
    detached,
  ];
}

/** Returns the contents of an array or a buffer, and of the memory around it. */
export function memoryOf(memory: Memory): { contents: string; surroundings: string } {
  if (isArrayBuffer(memory)) {
    return { contents: memory.byteLength === 0 ? '' : Buffer.from(memory).toString('hex'), surroundings: '' };
  }
  const { buffer, byteOffset, byteLength } = trueOf(memory);
  const all = buffer.byteLength === 0 ? '' : Buffer.from(buffer).toString('hex');
  const [start, end] = [2 * byteOffset, 2 * (byteOffset + byteLength)];
  return { contents: all.slice(start, end), surroundings: all.slice(0, start) + all.slice(end) };
}

function within<K extends Kind>(kind: K, buffer: ArrayBuffer | SharedArrayBuffer, length: number): InstanceType<K> {
  return Reflect.construct(kind, [buffer, MARGIN_BYTES, length]);
}

/** Reads the properties of an array from the prototype, where its own properties cannot hide them. */
function trueOf(array: AnyArray): Pick<Uint8Array<ArrayBufferLike>, 'buffer' | 'byteOffset' | 'byteLength'> {
  const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
  return {
    buffer: Reflect.get(typedArray, 'buffer', array),
    byteOffset: Reflect.get(typedArray, 'byteOffset', array),
    byteLength: Reflect.get(typedArray, 'byteLength', array),
  };
}

/** An array whose own properties are all wrong. */
function lying(kind: Kind, length: number): AnyArray {
  const array = Reflect.construct(kind, [length]);
  for (const name of ['length', 'byteLength', 'byteOffset', 'buffer', 'constructor']) {
    Object.defineProperty(array, name, { value: 2 ** 30 });
  }
  return array;
}
