import { invalidType } from '@em/core/check';

/** An fd that this package opened or checked, and the path that errors name. */
export class OpenDevice {
  readonly #fd: number;
  readonly path: string;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.path = path;
  }

  get fd(): number {
    return this.#fd;
  }

  /** For a private constructor, which JavaScript can call. */
  static only(value: unknown): OpenDevice {
    if (typeof value === 'object' && value !== null && #fd in value) {
      return value;
    }
    throw invalidType('device', 'made by a static method of the class, for example open() or adopt()', value);
  }
}
