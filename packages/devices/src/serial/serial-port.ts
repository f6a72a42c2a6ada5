import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { checkBoolean, checkOptions } from '@em/core/check';
import { checkOneOf } from '../device/checks.js';
import { Device, setUp } from '../device/device.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';
import { TCGETS2, TCSETS2, TERMIOS, Termios, type TermiosStruct } from '../termios/termios.js';
import {
  checkBaudRate,
  checkSerialOptions,
  ignoredOption,
  type SerialOptions,
  withBaudRate,
  withOptions,
} from './settings.js';

export type { SerialOptions } from './settings.js';

const { O_NOCTTY, O_RDWR } = fs.constants;

// asm-generic/ioctls.h
const TCSBRK = 0x5409;
const TCFLSH = 0x540b;
const TIOCEXCL = 0x540c;
const TIOCOUTQ = 0x5411;
const TIOCMGET = 0x5415;
const TIOCMBIS = 0x5416;
const TIOCMBIC = 0x5417;
const TIOCSBRK = 0x5427;
const TIOCCBRK = 0x5428;

/** Bits of asm-generic/termios.h. */
const TIOCM_DTR = 0x002;
const TIOCM_RTS = 0x004;
const TIOCM_CTS = 0x020;
const TIOCM_CAR = 0x040;
const TIOCM_RNG = 0x080;
const TIOCM_DSR = 0x100;

/** A port that exists although no hardware is behind it answers in the same way. */
const HUNG_UP = '; the device is gone, or there never was one behind this port: close it';

const QUEUES = { input: 0, output: 1, both: 2 } as const;
/** For TCSBRK: only wait until everything has been sent. */
const NO_BREAK = 1;

/** A byte is at most a start bit, 8 data bits, parity and two stop bits. */
const BITS_PER_BYTE = 12;
const MIN_POLL_MS = 1;
const MAX_POLL_MS = 100;

/** The lines of a modem. `dtr` and `rts` are outputs, the others are inputs. */
export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
  readonly cts: boolean;
  readonly dsr: boolean;
  /** Data carrier detect. */
  readonly dcd: boolean;
  readonly ringing: boolean;
}

/**
 * A serial port in raw mode: every byte passes as it is.
 *
 * It reports `IN` while bytes have arrived, `OUT` while there is room to write, and `HANG_UP` once the device is gone.
 * Closing it waits until everything has been sent, up to 30 seconds in most drivers: call `flush('output')` before to
 * discard it.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/ioctl_tty.2.html | ioctl_tty(2)}
 */
export class SerialPort extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device), { EIO: HUNG_UP });
  }

  /**
   * Opens a serial port. It does not wait for a carrier.
   *
   * @param path - For example `/dev/ttyUSB0`, or a link in `/dev/serial/by-id`, which stays the same.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong options.
   * @throws SystemError with `path`: `EACCES` (the message names the group that may), `ENOENT`, `EBUSY` if another
   * process has it open exclusively, `ENOTTY` if it is no terminal, `EINVAL` if the driver does not support an option,
   * `EIO` if there is no hardware, `EMFILE`, `ENFILE`.
   */
  static open(path: string, options: SerialOptions): SerialPort {
    const checked = checkSerialOptions(options);
    return setUp(new SerialPort(openDevice(path, O_RDWR | O_NOCTTY)), (port) => {
      port.#set(withOptions(port.#settings, checked));
      if (checked.exclusive) {
        port.request('lock', TIOCEXCL);
      }
    });
  }

  /**
   * Takes over the fd of a terminal that is open, and sets close-on-exec and `O_NONBLOCK`. Its settings stay as they are.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it is not a terminal.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): SerialPort {
    const probe = (): undefined => void Termios.get(fd);
    return adoptDevice(fd, 'a terminal', probe, (device) => new SerialPort(device));
  }

  /** The speed in bits per second: what the driver could set, which may differ a little from what was asked for. */
  get baudRate(): number {
    return this.#settings.c_ospeed;
  }

  /**
   * Changes the speed, at once.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError with `path`: `EINVAL` if the driver does not support it. The speed is the same as before then.
   */
  setBaudRate(baudRate: number): void {
    this.#set(withBaudRate(this.#settings, checkBaudRate(baudRate)));
  }

  /**
   * Reads the bytes that have arrived.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns The number of bytes, 0 if the device is gone, `undefined` if it would block.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.readBytes(buffer, offset, length);
  }

  /**
   * Writes bytes to be sent.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes that there was room for; `undefined` if it would block.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.writeBytes(buffer, offset, length);
  }

  /** The number of bytes that were written, and that the driver has not passed to the hardware. */
  get unsentBytes(): number {
    return this.#word('read the queue of', TIOCOUTQ);
  }

  /**
   * Waits until everything has been sent. If flow control holds the output back, this takes as long as that does.
   *
   * @throws (as a rejection) `ERR_EM_CLOSED` if the port is closed meanwhile.
   */
  async drain(): Promise<void> {
    for (let unsent = this.unsentBytes; unsent > 0; unsent = this.unsentBytes) {
      const timeMs = (unsent * BITS_PER_BYTE * 1000) / Math.max(1, this.baudRate);
      await setTimeout(Math.min(Math.max(timeMs, MIN_POLL_MS), MAX_POLL_MS));
    }
    // The last bytes are in the hardware, which has room for a few.
    this.request('drain', TCSBRK, NO_BREAK);
  }

  /**
   * Discards bytes that have arrived and were not read, or that were written and not sent.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if `queue` is none of these.
   */
  flush(queue: 'input' | 'output' | 'both' = 'both'): void {
    this.request('flush', TCFLSH, QUEUES[checkOneOf('queue', queue, ['input', 'output', 'both'])]);
  }

  /** Starts or ends a break: the line stays at 0. */
  setBreak(isBreak: boolean): void {
    this.request('send a break on', checkBoolean('isBreak', isBreak) ? TIOCSBRK : TIOCCBRK);
  }

  /** @throws SystemError `ENOTTY` if the port has no such lines, for example a pty. */
  get modemLines(): ModemLines {
    const bits = this.#word('read the modem lines of', TIOCMGET);
    const isSet = (bit: number): boolean => (bits & bit) !== 0;
    return {
      dtr: isSet(TIOCM_DTR),
      rts: isSet(TIOCM_RTS),
      cts: isSet(TIOCM_CTS),
      dsr: isSet(TIOCM_DSR),
      dcd: isSet(TIOCM_CAR),
      ringing: isSet(TIOCM_RNG),
    };
  }

  /**
   * Sets output lines. A line that is left out stays as it is.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` for wrong lines.
   * @throws SystemError `ENOTTY` if the port has no such lines.
   */
  setModemLines(lines: { readonly dtr?: boolean; readonly rts?: boolean }): void {
    const { dtr, rts } = checkOptions('lines', lines, ['dtr', 'rts']);
    const wanted = [
      [TIOCM_DTR, dtr === undefined ? undefined : checkBoolean('lines.dtr', dtr)],
      [TIOCM_RTS, rts === undefined ? undefined : checkBoolean('lines.rts', rts)],
    ] as const;
    for (const [request, isSet] of [
      [TIOCMBIS, true],
      [TIOCMBIC, false],
    ] as const) {
      const bits = wanted.reduce((sum, [bit, value]) => (value === isSet ? sum | bit : sum), 0);
      if (bits !== 0) {
        this.request('set the modem lines of', request, new Uint8Array(Uint32Array.of(bits).buffer));
      }
    }
  }

  get #settings(): TermiosStruct {
    const bytes = TERMIOS.encode();
    this.request('read the settings of', TCGETS2, bytes);
    return TERMIOS.decode(bytes);
  }

  #set(settings: TermiosStruct): void {
    const before = this.#settings;
    this.request('set up', TCSETS2, TERMIOS.encode(settings));
    const ignored = ignoredOption(settings, this.#settings);
    if (ignored !== undefined) {
      this.request('set up', TCSETS2, TERMIOS.encode(before));
      const details = { code: 'EINVAL', errno: -constants.errno.EINVAL, syscall: 'ioctl', path: this.path };
      throw Object.assign(new Error(`Cannot set up ${this.path}: the driver does not support ${ignored}`), details);
    }
  }

  #word(doing: string, request: number): number {
    const word = new Int32Array(1);
    this.request(doing, request, new Uint8Array(word.buffer));
    return word[0] ?? 0;
  }
}
