import { createServer } from 'node:net';
import { isAnyArrayBuffer } from 'node:util/types';

function spring(): never {
  throw new Error('the addon has called back');
}

/** A handler for proxies that refuse every access. Its traps have the names of the functions of `Reflect`. */
const traps: ProxyHandler<object> = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((name) => [name, spring]),
);

const revoked = Proxy.revocable({}, {});
revoked.revoke();

/** An opaque value of Node, which no addon has made. */
const foreignHandle: unknown = (() => {
  const server = createServer().listen(0);
  const handle: unknown = Reflect.get(Reflect.get(server, '_handle'), '_externalStream');
  server.close();
  return handle;
})();

const objects: unknown[] = [
  {},
  [],
  [3],
  new Date(3),
  new Number(3),
  /3/,
  { fd: 3, length: 8, byteLength: 8, buffer: new ArrayBuffer(8) },
  { valueOf: spring, toString: spring, [Symbol.toPrimitive]: spring },
  new Proxy({}, traps),
  new Proxy(new Uint8Array(8), {}),
  revoked.proxy,
  foreignHandle,
];

const buffers: unknown[] = [
  new ArrayBuffer(8),
  new SharedArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
  new Int8Array(8),
  new Uint8ClampedArray(8),
  new Int16Array(8),
  new Uint16Array(8),
  new Int32Array(8),
  new Float32Array(8),
  new Float64Array(8),
  new BigUint64Array(8),
  Object.create(Uint8Array.prototype),
  Object.setPrototypeOf(new Int8Array(8), Uint8Array.prototype),
];

const functions: unknown[] = [() => 3, class {}, new Proxy(spring, traps)];
const texts: unknown[] = ['', '3', '\0', 'x'.repeat(100_000), '\ud800'];
const primitives: unknown[] = [undefined, null, true, false, 3n, -1n, 2n ** 64n, Symbol('3')];
const numbers: unknown[] = [0, -1, 3, 2 ** 31, 2 ** 32, 2 ** 53, Number.NaN];

/** Values that are not numbers. */
const notNumbers = [...primitives, ...texts, ...objects, ...buffers, ...functions, new Uint8Array(8)];

/** Values that are not integers which a double holds exactly. */
export const notIntegers: readonly unknown[] = [
  ...notNumbers,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0.5,
  -1.5,
  2 ** 53,
  -(2 ** 53),
  2 ** 64,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
];

export const notInt32s: readonly unknown[] = [...notIntegers, 2 ** 31, 2 ** 32, 2 ** 32 + 3, -(2 ** 31) - 1];
export const notWords: readonly unknown[] = [...notIntegers, -1, 2 ** 32, 2 ** 32 + 3];
export const notTimeouts: readonly unknown[] = [...notNumbers, Number.NaN, Number.NEGATIVE_INFINITY, -1, 2 ** 31];
export const notTexts: readonly unknown[] = [...primitives, ...numbers, ...objects, ...buffers, ...functions];
export const notFunctions: readonly unknown[] = [...primitives, ...texts, ...numbers, ...objects, ...buffers];
export const notHandles: readonly unknown[] = [...notFunctions, ...functions, new Uint8Array(8)];

/** Values that are none of the arrays which the addon accepts. */
export const notArrays: readonly unknown[] = [
  ...primitives,
  ...texts,
  ...numbers,
  ...objects,
  ...buffers,
  ...functions,
];

/** Values that are not buffers. Some versions of Node count a `SharedArrayBuffer` as a buffer. */
export const notBuffers: readonly unknown[] = [...notArrays, new Uint8Array(8), new Uint32Array(8)].filter(
  (value) => !isAnyArrayBuffer(value),
);
