import { checkBoolean, checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { checkOneOf } from '../device/checks.js';
import {
  ACTIVE_LOW,
  BIAS,
  DIRECTION,
  DRIVE,
  EDGES,
  type GpioBias,
  type GpioDirection,
  type GpioDrive,
  type GpioEdges,
  type GpioLineInfo,
} from './line-info.js';
import { ATTRIBUTE, LINE_REQUEST, MAX_LINES, MAX_NAME_BYTES } from './structs.js';

const MAX_DEBOUNCE = 0xffff_ffff;

/** What to request lines for. It applies to all lines of the request. */
export interface GpioRequestOptions {
  readonly direction: GpioDirection;
  /** For inputs. Defaults to `'none'`. */
  readonly edges?: GpioEdges;
  /** For inputs: a level counts once it has been stable for this time, up to 2³² − 1 µs. Defaults to 0. */
  readonly debounceMicroseconds?: number;
  /** Defaults to `'as-is'`. */
  readonly bias?: GpioBias;
  /** For outputs. Defaults to `'push-pull'`. */
  readonly drive?: GpioDrive;
  /** Whether a line is active when it is low, for example a button that connects it to ground. Defaults to false. */
  readonly activeLow?: boolean;
  /** For outputs: whether each line is active, in the order of the request. Defaults to false for each. */
  readonly values?: readonly boolean[];
  /** The name of this program for others, up to 31 bytes. Defaults to `'event-manager'`. */
  readonly consumer?: string;
}

const OPTIONS = [
  'direction',
  'edges',
  'debounceMicroseconds',
  'bias',
  'drive',
  'activeLow',
  'values',
  'consumer',
] as const;
const ONLY_FOR = {
  input: ['edges', 'debounceMicroseconds'],
  output: ['drive', 'values'],
} as const satisfies Record<GpioDirection, readonly (keyof GpioRequestOptions)[]>;

/**
 * Checks options, and makes the bytes of the request.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong options.
 */
export function requestBytes(offsets: readonly number[], options: GpioRequestOptions): Uint8Array {
  const {
    direction,
    edges = 'none',
    debounceMicroseconds = 0,
    bias = 'as-is',
    drive = 'push-pull',
    activeLow = false,
    values = [],
    consumer = 'event-manager',
  } = checkOptions('options', options, OPTIONS);
  checkDirection(options);
  const mask = (1n << BigInt(offsets.length)) - 1n;
  const attrs = [
    { id: ATTRIBUTE.debounce, values: BigInt(checkDebounce(debounceMicroseconds)) },
    { id: ATTRIBUTE.values, values: bitsOf('options.values', values, offsets.length).bits },
  ]
    .filter((attr) => attr.values !== 0n)
    .map((attr) => ({ attr, mask }));
  return LINE_REQUEST.encode({
    offsets,
    num_lines: offsets.length,
    consumer: checkConsumer(consumer),
    event_buffer_size: 0,
    config: {
      flags:
        DIRECTION[direction] |
        EDGES[oneOf('edges', edges, EDGES)] |
        BIAS[oneOf('bias', bias, BIAS)] |
        DRIVE[oneOf('drive', drive, DRIVE)] |
        (checkBoolean('options.activeLow', activeLow) ? ACTIVE_LOW : 0n),
      num_attrs: attrs.length,
      attrs,
    },
    fd: 0,
  });
}

/** Returns the offsets of lines that are given by offset or name. */
export function offsetsOf(
  path: string,
  lines: readonly (number | string)[],
  lineCount: number,
  infos: () => readonly GpioLineInfo[],
): readonly number[] {
  if (!Array.isArray(lines)) {
    throw invalidType('lines', 'an array of offsets and names', lines);
  }
  if (lines.length === 0 || lines.length > MAX_LINES) {
    throw outOfRange('lines', `1 to ${MAX_LINES} lines`, lines.length);
  }
  const known = lines.some((line) => typeof line === 'string') ? infos() : [];
  const offsets = (lines as readonly unknown[]).map((line, index) => {
    const name = `lines[${index}]`;
    if (typeof line !== 'string') {
      return checkInteger(name, line, 0, lineCount - 1);
    }
    const found = known.find((info) => info.name === line);
    if (found === undefined) {
      throw outOfRange(name, `the name of a line of ${path}`, line);
    }
    return found.offset;
  });
  if (new Set(offsets).size !== offsets.length) {
    throw outOfRange('lines', 'different lines', lines);
  }
  return offsets;
}

/**
 * Returns values as bits of struct gpio_v2_line_values. `undefined` leaves a line out of the mask.
 *
 * @param count - The number of lines.
 */
export function bitsOf(
  name: string,
  values: readonly (boolean | undefined)[],
  count: number,
): { readonly bits: bigint; readonly mask: bigint } {
  if (!Array.isArray(values)) {
    throw invalidType(name, 'an array', values);
  }
  if (values.length > count) {
    throw outOfRange(name, `at most ${count} values`, values.length);
  }
  let bits = 0n;
  let mask = 0n;
  for (const [index, value] of values.entries()) {
    if (value !== undefined) {
      const bit = 1n << BigInt(index);
      mask |= bit;
      bits |= checkBoolean(`${name}[${index}]`, value) ? bit : 0n;
    }
  }
  return { bits, mask };
}

/** Checks the direction, and that there is no option that has no meaning for it. */
function checkDirection(options: GpioRequestOptions): void {
  const direction = oneOf('direction', options.direction, DIRECTION);
  const other = direction === 'input' ? 'output' : 'input';
  for (const name of ONLY_FOR[other]) {
    if (options[name] !== undefined) {
      throw outOfRange(`options.${name}`, `left out: it is for an ${other}`, options[name]);
    }
  }
}

function checkDebounce(microseconds: unknown): number {
  return checkInteger('options.debounceMicroseconds', microseconds, 0, MAX_DEBOUNCE);
}

function checkConsumer(consumer: unknown): string {
  if (typeof consumer !== 'string') {
    throw invalidType('options.consumer', 'a string', consumer);
  }
  if (consumer === '' || Buffer.byteLength(consumer) > MAX_NAME_BYTES || consumer.includes('\0')) {
    throw outOfRange('options.consumer', `1 to ${MAX_NAME_BYTES} bytes without a zero`, consumer);
  }
  return consumer;
}

function oneOf<Name extends string>(option: string, value: Name, table: Readonly<Record<Name, bigint>>): Name {
  return checkOneOf(`options.${option}`, value, Object.keys(table) as Name[]);
}
