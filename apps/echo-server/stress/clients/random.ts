/** Maps numbers of 32 bits one to one, so that similar numbers get unrelated ones (fmix32 of MurmurHash3). */
export function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A generator of random numbers. The same seed yields the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** A number from 0 to less than 1. */
  fraction(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** An integer from `least` to `most`, evenly on a logarithmic scale: as often from 1 to 10 as from 10 to 100. */
  size(least: number, most: number): number {
    return Math.min(most, Math.floor(least * ((most + 1) / least) ** this.fraction()));
  }
}
