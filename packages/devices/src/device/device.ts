import { ioctl, OwnedFd, read, write } from '@em/sys';
import { deviceError } from './device-error.js';
import { OpenDevice } from './open-device.js';

/**
 * The base of all devices: an fd object whose errors name the device.
 *
 * @throws SystemError with `path` from every method that makes a system call: `ENODEV`, `EIO`, `ENXIO` if the device is
 * gone.
 */
export abstract class Device extends OwnedFd {
  /** The path that errors name. */
  readonly path: string;

  protected constructor(device: OpenDevice) {
    const { fd, path } = OpenDevice.only(device);
    super(fd);
    this.path = path;
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
      throw deviceError(error, doing, this.path);
    }
  }

  protected readBytes(buffer: Uint8Array, offset: number, length: number | undefined): number | undefined {
    const { fd } = this;
    try {
      return read(fd, buffer, offset, length);
    } catch (error) {
      throw deviceError(error, 'read from', this.path);
    }
  }

  protected writeBytes(buffer: Uint8Array, offset: number, length: number | undefined): number | undefined {
    const { fd } = this;
    try {
      return write(fd, buffer, offset, length);
    } catch (error) {
      throw deviceError(error, 'write to', this.path);
    }
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
