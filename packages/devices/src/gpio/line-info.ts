import { ATTRIBUTE, type LineInfo } from './structs.js';

/** Whether a line is read or driven. */
export type GpioDirection = 'input' | 'output';
/** Which changes of an input become events. An edge is rising if the line becomes active. */
export type GpioEdges = 'none' | 'rising' | 'falling' | 'both';
/** The resistor in the chip. `'as-is'`: it was not set, and stays what it is. */
export type GpioBias = 'as-is' | 'disabled' | 'pull-up' | 'pull-down';
/** How an output is driven: open-drain drives it low only, open-source high only. */
export type GpioDrive = 'push-pull' | 'open-drain' | 'open-source';

/** What the kernel knows of a line. */
export interface GpioLineInfo {
  /** Its number on the chip, from 0. */
  readonly offset: number;
  /** `undefined` if it has none. Two lines may have the same. */
  readonly name: string | undefined;
  /** Whether a program or a driver has it. Others cannot request it then. */
  readonly used: boolean;
  /** How its user is called. */
  readonly consumer: string | undefined;
  readonly direction: GpioDirection;
  readonly edges: GpioEdges;
  readonly bias: GpioBias;
  readonly drive: GpioDrive;
  /** Whether it is active when it is low. */
  readonly activeLow: boolean;
  /** 0 if it is not debounced. */
  readonly debounceMicroseconds: number;
}

// The bits GPIO_V2_LINE_FLAG_… of linux/gpio.h.
const USED = 1n << 0n;
export const ACTIVE_LOW: bigint = 1n << 1n;
export const DIRECTION: Readonly<Record<GpioDirection, bigint>> = { input: 1n << 2n, output: 1n << 3n };
export const EDGES: Readonly<Record<GpioEdges, bigint>> = {
  none: 0n,
  rising: 1n << 4n,
  falling: 1n << 5n,
  both: 3n << 4n,
};
export const DRIVE: Readonly<Record<GpioDrive, bigint>> = {
  'push-pull': 0n,
  'open-drain': 1n << 6n,
  'open-source': 1n << 7n,
};
export const BIAS: Readonly<Record<GpioBias, bigint>> = {
  'as-is': 0n,
  'pull-up': 1n << 8n,
  'pull-down': 1n << 9n,
  disabled: 1n << 10n,
};

export function lineInfoOf({ flags, name, consumer, offset, attrs, num_attrs }: LineInfo): GpioLineInfo {
  const debounce = attrs.slice(0, num_attrs).find(({ id }) => id === ATTRIBUTE.debounce);
  return {
    offset,
    name: name === '' ? undefined : name,
    used: (flags & USED) !== 0n,
    consumer: consumer === '' ? undefined : consumer,
    direction: namedIn(DIRECTION, flags) ?? 'input',
    edges: namedIn(EDGES, flags) ?? 'none',
    bias: namedIn(BIAS, flags) ?? 'as-is',
    drive: namedIn(DRIVE, flags) ?? 'push-pull',
    activeLow: (flags & ACTIVE_LOW) !== 0n,
    debounceMicroseconds: Number(debounce?.values ?? 0),
  };
}

/** Returns which of these is set in the flags. */
function namedIn<Name extends string>(bitsOf: Readonly<Record<Name, bigint>>, flags: bigint): Name | undefined {
  const names = Object.keys(bitsOf) as Name[];
  const mask = names.reduce((bits, name) => bits | bitsOf[name], 0n);
  return names.find((name) => bitsOf[name] === (flags & mask));
}
