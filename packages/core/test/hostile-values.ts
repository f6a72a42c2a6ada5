/** What every trap of {@link trapped} throws. */
export const trap: Error = new Error('trapped');

function spring(): never {
  throw trap;
}

const handler: Required<ProxyHandler<() => void>> = {
  apply: spring,
  construct: spring,
  defineProperty: spring,
  deleteProperty: spring,
  get: spring,
  getOwnPropertyDescriptor: spring,
  getPrototypeOf: spring,
  has: spring,
  isExtensible: spring,
  ownKeys: spring,
  preventExtensions: spring,
  set: spring,
  setPrototypeOf: spring,
};

/** An object that cannot be touched at all. */
export const trapped: object = new Proxy({}, handler as ProxyHandler<object>);

/** A revoked proxy. */
export const revoked: object = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();

const notNumbers: [name: string, value: unknown][] = [
  ['a string', '3'],
  ['an empty string', ''],
  ['a bigint', 3n],
  ['null', null],
  ['true', true],
  ['a symbol', Symbol('3')],
  ['an array', [3]],
  ['an object with valueOf', { valueOf: () => 3 }],
  ['a Number', new Number(3)],
  ['a Date', new Date(3)],
  ['a trapped proxy', trapped],
  ['a revoked proxy', revoked],
];

/** Values that are not an integer from 0 to 2³² − 1. */
export const notWords: [name: string, value: unknown][] = [
  ...notNumbers,
  ['undefined', undefined],
  ['a function', () => 3],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['0.5', 0.5],
  ['2 ** 32', 2 ** 32],
  ['2 ** 53', 2 ** 53],
  ['-(2 ** 31) - 1', -(2 ** 31) - 1],
];

/** Values that are not an fd. */
export const notFds: [name: string, value: unknown][] = [...notWords, ['-1', -1], ['2 ** 31', 2 ** 31]];

/** Values that are not a timeout. `undefined` is one: the default. */
export const notTimeouts: [name: string, value: unknown][] = [
  ...notNumbers,
  ['a function', () => 3],
  ['NaN', Number.NaN],
  ['-1', -1],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** Values that are not a function. */
export const notFunctions: [name: string, value: unknown][] = [...notNumbers, ['undefined', undefined], ['3', 3]];

/** Values that are not an object, without `undefined`, which is valid for options. */
export const notObjects: [name: string, value: unknown][] = [
  ['a string', 'options'],
  ['a number', 3],
  ['a bigint', 3n],
  ['null', null],
  ['false', false],
  ['a symbol', Symbol('options')],
  ['a function', () => ({})],
];
