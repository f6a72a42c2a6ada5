import { binding } from '../../../src/addon/binding.js';
import { plug } from './numbered-poller.js';

/** More than a program can have open at a time. */
const LENGTH = 80;

/**
 * Makes the fds that come next come without a gap, as the fake's do: takes numbers until so many in a row were free,
 * and frees those again.
 *
 * @returns The first of them, and the numbers taken below it, which are the caller's to close.
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
