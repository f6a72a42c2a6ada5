import { Ioctl, ioctl } from '@em/sys';
import { checkOneOf } from '../device/checks.js';
import { bytes, u8, u32 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';
import { CONSTANTS } from './constants.js';

/** The number of control characters, `NCCS` of asm-generic/termbits.h. */
const CONTROL_CHARACTERS = 19;

/**
 * The settings of a terminal: `struct termios2` of the kernel. The flags are in {@link Termios.constants}, the speeds are
 * in bits per second.
 */
export interface TermiosStruct {
  readonly c_iflag: number;
  readonly c_oflag: number;
  readonly c_cflag: number;
  readonly c_lflag: number;
  readonly c_line: number;
  /** 19 control characters. */
  readonly c_cc: Uint8Array;
  readonly c_ispeed: number;
  readonly c_ospeed: number;
}

export const TERMIOS: Struct<TermiosStruct> = new Struct<TermiosStruct>({
  c_iflag: u32,
  c_oflag: u32,
  c_cflag: u32,
  c_lflag: u32,
  c_line: u8,
  c_cc: bytes(CONTROL_CHARACTERS),
  c_ispeed: u32,
  c_ospeed: u32,
});

export const TCGETS2: number = Ioctl.read('T', 0x2a, TERMIOS.size);
/** At once; the next two when all output has been sent, and the second of them discards input that was not read. */
export const TCSETS2: number = Ioctl.write('T', 0x2b, TERMIOS.size);
const TCSETSW2 = Ioctl.write('T', 0x2c, TERMIOS.size);
const TCSETSF2 = Ioctl.write('T', 0x2d, TERMIOS.size);

/** Returns the settings for raw mode: bytes pass as they are, at once. As cfmakeraw(3) does. */
export function raw(settings: TermiosStruct): TermiosStruct {
  const { IGNBRK, BRKINT, PARMRK, ISTRIP, INLCR, IGNCR, ICRNL, IXON, OPOST } = CONSTANTS;
  const { ECHO, ECHONL, ICANON, ISIG, IEXTEN, CSIZE, CS8, PARENB, VMIN, VTIME } = CONSTANTS;
  const c_cc = settings.c_cc.slice();
  c_cc[VMIN] = 1;
  c_cc[VTIME] = 0;
  return {
    ...settings,
    c_iflag: settings.c_iflag & ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON),
    c_oflag: settings.c_oflag & ~OPOST,
    c_lflag: settings.c_lflag & ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN),
    c_cflag: (settings.c_cflag & ~(CSIZE | PARENB)) | CS8,
    c_cc,
  };
}

/** When {@link Termios.set} takes effect: at once, or when all output has been sent. `'flush'` also discards input. */
export type TermiosWhen = 'now' | 'drain' | 'flush';

const REQUESTS: Readonly<Record<TermiosWhen, number>> = { now: TCSETS2, drain: TCSETSW2, flush: TCSETSF2 };

/**
 * The settings of any terminal: a serial port, either end of a pty, or the terminal of this process.
 *
 * @example Read keys at once, without an echo
 * ```ts
 * const before = Termios.get(0);
 * const { ICANON, ECHO } = Termios.constants;
 * Termios.set(0, { ...before, c_lflag: before.c_lflag & ~(ICANON | ECHO) });
 * process.on('exit', () => Termios.set(0, before));
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man3/termios.3.html | termios(3)}
 */
export const Termios = {
  /** The flags, masks and indexes of control characters. */
  constants: CONSTANTS as typeof CONSTANTS,

  /** @throws SystemError `ENOTTY` if the fd is not a terminal, `EBADF`, `EIO` if the device is gone. */
  get(fd: number): TermiosStruct {
    const bytes = TERMIOS.encode();
    ioctl(fd, TCGETS2, bytes);
    return TERMIOS.decode(bytes);
  },

  /**
   * Drivers ignore what they do not support. Read the settings again to see what is set.
   *
   * @param when - Defaults to `'now'`. `'drain'` and `'flush'` block this thread until all output has been sent.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `when` is none of these.
   * @throws SystemError as `get`; `EIO` if this process is in the background of the terminal.
   */
  set(fd: number, settings: TermiosStruct, when: TermiosWhen = 'now'): void {
    ioctl(fd, REQUESTS[checkOneOf('when', when, ['now', 'drain', 'flush'])], TERMIOS.encode(settings));
  },

  /** Returns the settings for raw mode: bytes pass as they are, at once. As cfmakeraw(3) does. */
  raw: (settings: TermiosStruct): TermiosStruct => raw(settings),
} as const;
