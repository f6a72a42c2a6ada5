/** Turns a number of 32 bits into another: each into one of its own, and neighbours into strangers (MurmurHash3, fmix32). */
export function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Random numbers that are the same again from the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed);
  }

  /** From 0 to less than 1. */
  fraction(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    return mix(this.#state) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, small ones as often as large ones: as many below ten as from ten to a hundred. */
  size(least: number, most: number): number {
    return Math.min(most, Math.floor(least * ((most + 1) / least) ** this.fraction()));
  }
}
