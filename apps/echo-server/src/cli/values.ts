import { InvalidArgumentError } from 'commander';
// How values of flags are read. Each throws an InvalidArgumentError whose message says what the value must be.

/** Reads a whole number within bounds. */
export function readWhole(min: number, max: number, what: string = 'It'): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`${what} must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** The same, from 0 on, which stands for "no limit". */
export function readLimit(max: number): (text: string) => number {
  const read = readWhole(0, max);
  return (text) => read(text) || Number.POSITIVE_INFINITY;
}

/** Reads one of some words. */
export function readWord<const W extends string>(...words: readonly W[]): (text: string) => W {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) {
      throw new InvalidArgumentError(`It must be one of: ${words.join(', ')}.`);
    }
    return word;
  };
}
