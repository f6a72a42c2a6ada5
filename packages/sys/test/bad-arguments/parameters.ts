/** How an argument is refused. */
type Code = 'ERR_INVALID_ARG_TYPE' | 'ERR_OUT_OF_RANGE';

/** A parameter: what it takes, and how it refuses what it does not take. */
export interface Parameter {
  readonly value: unknown;
  readonly refused: readonly (readonly [unknown, Code])[];
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();

const objects: unknown[] = [{}, [3], new Date(3), new Number(3), revoked.proxy, new ArrayBuffer(8), new Uint16Array(8)];
const functions: unknown[] = [() => 3, class {}];
const numbers: unknown[] = [0, 3, Number.NaN];
const others: unknown[] = [null, true, Symbol('3')];
const fractions: unknown[] = [Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)];

const types = (...values: unknown[]) => values.map((value): [unknown, Code] => [value, 'ERR_INVALID_ARG_TYPE']);
const ranges = (...values: unknown[]) => values.map((value): [unknown, Code] => [value, 'ERR_OUT_OF_RANGE']);

export function integer(value: number, min: number, max: number): Parameter {
  const refused = types(...others, ...objects, ...functions, undefined, '3', 3n, new Uint8Array(8));
  return { value, refused: [...refused, ...ranges(...fractions, min - 1, max + 1)] };
}

export const fd = (value: number): Parameter => integer(value, 0, 2 ** 31 - 1);

export function bigint(value: bigint, min: bigint, max: bigint): Parameter {
  const refused = types(...others, ...objects, ...functions, ...numbers, undefined, '3');
  return { value, refused: [...refused, ...ranges(min - 1n, max + 1n, 2n ** 64n, -(2n ** 64n))] };
}

export function flag(value: boolean): Parameter {
  const wrong = [null, Symbol('3'), ...objects, ...functions, ...numbers, undefined, 'true', 1n];
  return { value, refused: types(...wrong) };
}

export function text(value: string, ...outOfRange: unknown[]): Parameter {
  const wrong = [...others, ...objects, ...functions, ...numbers, undefined, 3n];
  return { value, refused: [...types(...wrong), ...ranges(...outOfRange)] };
}

export function bytes(length: number): Parameter {
  const lie = Object.setPrototypeOf(new Uint16Array(8), Uint8Array.prototype);
  const wrong = [...others, ...objects, ...functions, ...numbers, undefined, '3', 3n, Array(8).fill(0), lie];
  return { value: new Uint8Array(length), refused: types(...wrong) };
}

/** A buffer, and the part of it that is meant. */
export const slice = (length: number): Parameter[] => [
  bytes(length),
  optional(integer(0, 0, length)),
  optional(integer(length, 0, length)),
];

/** Leaving it out is allowed. */
export function optional({ value, refused }: Parameter): Parameter {
  return { value, refused: refused.filter(([wrong]) => wrong !== undefined) };
}

export function object(fields: Readonly<Record<string, Parameter>>): Parameter {
  const value = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
  const wrong = [null, undefined, true, Symbol('3'), 'x', 3n, ...functions, ...numbers];
  const wrongFields = Object.entries(fields).flatMap(([name, { refused }]) =>
    refused.map(([wrongField, code]) => [{ ...value, [name]: wrongField }, code] as const),
  );
  return { value, refused: [...types(...wrong), ...wrongFields] };
}

/** Options: an object that refuses unknown fields. */
export function options(fields: Readonly<Record<string, Parameter>>): Parameter {
  const { value, refused } = object(fields);
  const unknown = [
    { ...(value as object), unknown: 1 },
    { ...(value as object), unknown: undefined },
  ];
  return { value, refused: [...refused, ...types(...unknown)] };
}

/** One of several kinds of values, or a list: what it takes, and a code for each other value there is. */
export function of(value: unknown, wrongTypes: readonly unknown[], outOfRange: readonly unknown[] = []): Parameter {
  return { value, refused: [...types(...wrongTypes), ...ranges(...outOfRange)] };
}

export const notObjects: readonly unknown[] = [null, true, Symbol('3'), 'x', 3n, ...functions, ...numbers];
export const notLists: readonly unknown[] = [
  ...others,
  undefined,
  'ACCESS',
  3n,
  {},
  new Set(),
  ...functions,
  ...numbers,
];
export const notNames: readonly unknown[] = [...others, undefined, ...objects, ...functions, 3n];
