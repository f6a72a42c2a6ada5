import { InvalidArgumentError } from 'commander';

/** Returns a function that reads an integer. It throws an InvalidArgumentError that says what the value must be. */
export function readWhole(min: number, max: number, what: string = 'It'): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`${what} must be an integer from ${min} to ${max}.`);
    }
    return value;
  };
}

/** The same, from 0 on. 0 means `Infinity`. */
export function readLimit(max: number): (text: string) => number {
  const read = readWhole(0, max);
  return (text) => read(text) || Number.POSITIVE_INFINITY;
}

/** Returns a function that reads one of these words. It throws an InvalidArgumentError that lists them. */
export function readWord<const W extends string>(...words: readonly W[]): (text: string) => W {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) {
      throw new InvalidArgumentError(`It must be one of: ${words.join(', ')}.`);
    }
    return word;
  };
}
