import { binding } from '../../../src/addon/binding.js';
import { plug } from './numbered-poller.js';

/** More fds than a program can have open at a time. */
const LENGTH = 80;

/**
 * Makes the next fds come without a gap, as those of the fake do: takes numbers until enough of them in a row were
 * free, and frees these again.
 *
 * @returns The first of them, and the numbers taken below it, which the caller closes.
 */
export function freeRun(): { first: number; fillers: number[] } {
  let first = plug();
  const taken = [first];
  for (let next = first + 1; next < first + LENGTH; next++) {
    const fd = plug();
    taken.push(fd);
    if (fd !== next) {
      first = next = fd;
    }
  }
  for (const fd of taken.filter((number) => number >= first)) {
    binding().close(fd);
  }
  return { first, fillers: taken.filter((number) => number < first) };
}
