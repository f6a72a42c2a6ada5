import { close, Ioctl, ioctl, setNonBlocking } from '@em/sys';
import { Device, setUp } from '../device/device.js';
import { deviceError, isSystemError } from '../device/device-error.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';
import { GpioLines } from './gpio-lines.js';
import { type GpioLineInfo, lineInfoOf } from './line-info.js';
import { type GpioRequestOptions, offsetsOf, requestBytes } from './request.js';
import { CHIP_INFO, LINE_INFO, LINE_REQUEST } from './structs.js';

const { O_RDWR } = fs.constants;
const DEV = '/dev';

const GET_CHIP_INFO = Ioctl.read(0xb4, 0x01, CHIP_INFO.size);
const GET_LINE_INFO = Ioctl.readWrite(0xb4, 0x05, LINE_INFO.size);
const GET_LINE = Ioctl.readWrite(0xb4, 0x07, LINE_REQUEST.size);

/** A GPIO chip of this machine. */
export interface GpioChipInfo {
  /** For example `/dev/gpiochip0`. */
  readonly path: string;
  /** For example `'gpiochip0'`. The number may change when the machine boots. */
  readonly name: string;
  /** What the driver calls it, for example `'pinctrl-bcm2711'`. */
  readonly label: string;
  readonly lineCount: number;
}

/**
 * Lists the GPIO chips, in order of their numbers.
 *
 * @throws As {@link GpioChip.open} does. A chip that goes away meanwhile is left out.
 */
export function listGpioChips(): readonly GpioChipInfo[] {
  return fs
    .readdirSync(DEV, { withFileTypes: true })
    .filter((entry) => entry.isCharacterDevice() && /^gpiochip\d+$/.test(entry.name))
    .map(({ name }) => `${DEV}/${name}`)
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .flatMap((path) => {
      try {
        using chip = GpioChip.open(path);
        return [chip.info];
      } catch (error) {
        if (isSystemError(error) && ['ENOENT', 'ENODEV', 'ENXIO'].includes(error.code)) {
          return [];
        }
        throw error;
      }
    });
}

/**
 * A GPIO chip: lines that a program can read and drive, for example buttons and LEDs. It uses version 2 of the interface,
 * so it needs Linux 5.10 or later.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @example Switch an LED on
 * ```ts
 * using chip = GpioChip.open('/dev/gpiochip0');
 * using led = chip.requestLines([17], { direction: 'output', values: [true] });
 * ```
 *
 * @see {@link https://docs.kernel.org/userspace-api/gpio/chardev.html | GPIO Character Device Userspace API}
 */
export class GpioChip extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device), { ENOTTY: '; it is not a GPIO chip' });
  }

  /**
   * Opens a GPIO chip.
   *
   * @param path - For example `/dev/gpiochip0`: {@link listGpioChips} lists them.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` for a wrong path.
   * @throws SystemError with `path`: `EACCES` (the message names the group that may), `ENOENT`, `ENOTTY` if it is
   * something else, `ENODEV` if the chip is gone, `EMFILE`, `ENFILE`.
   */
  static open(path: string): GpioChip {
    // Reading the description throws for another device.
    return setUp(new GpioChip(openDevice(path, O_RDWR)), (chip) => void chip.info);
  }

  /**
   * Takes over the fd of a GPIO chip that is open, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): GpioChip {
    const probe = (): string => {
      const bytes = CHIP_INFO.encode();
      ioctl(fd, GET_CHIP_INFO, bytes);
      return `${DEV}/${CHIP_INFO.decode(bytes).name}`;
    };
    return adoptDevice(fd, 'a GPIO chip', probe, (device) => new GpioChip(device));
  }

  /** @throws SystemError with `path`: `ENODEV` if the chip is gone. */
  get info(): GpioChipInfo {
    const bytes = CHIP_INFO.encode();
    this.request('read what is known of', GET_CHIP_INFO, bytes);
    const { name, label, lines } = CHIP_INFO.decode(bytes);
    return { path: this.path, name, label, lineCount: lines };
  }

  /**
   * Lists the lines, in order of their offsets.
   *
   * @throws SystemError with `path`: `ENODEV` if the chip is gone.
   */
  lines(): readonly GpioLineInfo[] {
    return Array.from({ length: this.info.lineCount }, (_, offset) => this.#line(offset));
  }

  /**
   * Requests lines for this program alone. They are free again once the returned object is closed, and so is what they
   * were set to: an output may keep its level or lose it.
   *
   * @param lines - 1 to 64 different lines, by their offsets or names. If several lines have a name, it stands for the
   * first of them.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong lines or options.
   * @throws SystemError with `path`: `EBUSY` if a line is in use (the message names the line and who uses it), `ENXIO`
   * if a line cannot report edges, `EINVAL`, `EOPNOTSUPP` if the driver does not support an option, `ENODEV` if the chip
   * is gone, `EMFILE`, `ENFILE`.
   */
  requestLines(lines: readonly (number | string)[], options: GpioRequestOptions): GpioLines {
    const { path } = this;
    const offsets = offsetsOf(path, lines, this.info.lineCount, () => this.lines());
    const bytes = requestBytes(offsets, options);
    const { fd } = this;
    try {
      ioctl(fd, GET_LINE, bytes);
    } catch (error) {
      const isBusy = isSystemError(error) && error.code === 'EBUSY';
      throw deviceError(error, `request lines ${offsets.join(', ')} of`, path, isBusy ? this.#usersOf(offsets) : '');
    }
    const requested = LINE_REQUEST.decode(bytes).fd;
    try {
      setNonBlocking(requested, true);
      return Reflect.construct(GpioLines, [new OpenDevice(requested, path), offsets, 0]) as GpioLines;
    } catch (error) {
      close(requested);
      throw error;
    }
  }

  /** Says which of these lines are in use, and by whom. */
  #usersOf(offsets: readonly number[]): string {
    return offsets
      .map((offset) => this.#line(offset))
      .filter(({ used }) => used)
      .map(({ offset, consumer }) => `; line ${offset} is in use by ${consumer ?? 'the kernel'}`)
      .join('');
  }

  #line(offset: number): GpioLineInfo {
    const bytes = LINE_INFO.encode({ offset });
    this.request(`read what is known of line ${offset} of`, GET_LINE_INFO, bytes);
    return lineInfoOf(LINE_INFO.decode(bytes));
  }
}
