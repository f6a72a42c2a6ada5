import { ioctl, OwnedFd, read, write } from '@em/sys';
import { deviceError, isSystemError } from './device-error.js';
import { OpenDevice } from './open-device.js';

/** What an error says if the device is gone. */
export const GONE = '; the device is gone: close this object';

/** What to add to the message of an error, by its code. */
export type Hints = Readonly<Record<string, string>>;

/**
 * The base of all devices: an fd object whose errors name the device.
 *
 * @throws SystemError with `path` from every method that makes a system call: `ENODEV` if the device is gone, for some
 * devices another code.
 */
export abstract class Device extends OwnedFd {
  /** The path that errors name. */
  readonly path: string;
  readonly #hints: Hints;

  /** @param hints - For codes other than `ENODEV`, which always means that the device is gone. */
  protected constructor(device: OpenDevice, hints: Hints = {}) {
    const { fd, path } = OpenDevice.only(device);
    super(fd);
    this.path = path;
    this.#hints = { ENODEV: GONE, ...hints };
  }

  /**
   * Makes a request to the driver.
   *
   * @param doing - What a message says that could not be done, for example `'resize'`.
   */
  protected request(doing: string, request: number, argument: number | Uint8Array = 0): number {
    const { fd } = this;
    try {
      return ioctl(fd, request, argument);
    } catch (error) {
      throw this.#errorOf(error, doing);
    }
  }

  protected readBytes(buffer: Uint8Array, offset: number, length: number | undefined): number | undefined {
    const { fd } = this;
    try {
      return read(fd, buffer, offset, length);
    } catch (error) {
      throw this.#errorOf(error, 'read from');
    }
  }

  protected writeBytes(buffer: Uint8Array, offset: number, length: number | undefined): number | undefined {
    const { fd } = this;
    try {
      return write(fd, buffer, offset, length);
    } catch (error) {
      throw this.#errorOf(error, 'write to');
    }
  }

  #errorOf(error: unknown, doing: string): unknown {
    return deviceError(error, doing, this.path, isSystemError(error) ? this.#hints[error.code] : undefined);
  }
}

/** Does what is left to do for a new fd object, and closes it if that throws. */
export function setUp<T extends OwnedFd>(object: T, rest: (object: T) => void): T {
  try {
    rest(object);
    return object;
  } catch (error) {
    object.close();
    throw error;
  }
}
