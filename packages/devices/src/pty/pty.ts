import type { ChildProcess } from 'node:child_process';
import { checkBoolean, checkInteger, checkOptions } from '@em/core/check';
import { close, EventManagerError, type ExitStatus, Ioctl, ioctl } from '@em/sys';
import { Device, setUp } from '../device/device.js';
import { deviceError, isSystemError } from '../device/device-error.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';
import { raw, TCGETS2, TCSETS2, TERMIOS, type TermiosStruct } from '../termios/termios.js';
import { TIOCGWINSZ, TIOCSWINSZ, WINSIZE } from '../termios/winsize.js';
import { Outcome } from './outcome.js';
import { type PtySpawnOptions, spawnIn } from './spawn.js';

const { O_NOCTTY, O_RDWR } = fs.constants;
const PTMX = '/dev/ptmx';

const TIOCGPTN = Ioctl.read('T', 0x30, 4);
const TIOCSPTLCK = Ioctl.write('T', 0x31, 4);

const TIOCGPTPEER = Ioctl.none('T', 0x41);

const MAX_SIZE = 0xffff;

/** The size of a terminal in characters, each from 0 to 65,535. 0 means unknown. */
export interface PtySize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The master of a pseudoterminal: what you write is the input of the programs that run in the terminal, and what they
 * write is what you read. The slave is the terminal itself, a file with a path.
 *
 * It reports `IN` while there is output, and `HANG_UP` once no program has the terminal open any more. What was written
 * before can still be read.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @example Run a program in a terminal
 * ```ts
 * import { Pty } from '@em/devices/pty';
 * import { EventManager, EventSet } from '@em/sys';
 *
 * using manager = new EventManager();
 * void manager.run();
 * using pty = Pty.open({ columns: 80, rows: 24 });
 * pty.spawn('stty', ['size']);
 * const buffer = Buffer.alloc(65_536);
 * manager.add(pty, EventSet.IN, (_, registration) => {
 *   const count = pty.read(buffer);
 *   if (count === 0) {
 *     registration.delete(); // the end
 *   } else if (count !== undefined) {
 *     process.stdout.write(buffer.subarray(0, count)); // 24 80
 *   }
 * });
 * const { exitCode, signal } = await pty.finished;
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man7/pty.7.html | pty(7)}
 */
export class Pty extends Device {
  /**
   * How the child of {@link Pty.spawn} ended, once it has exited and all of its output is read. If the pty is closed or
   * detached before, it does not wait for the output. It is pending as long as there is no child. It is rejected if the
   * child cannot be started, for example with `ENOENT` for a `cwd` or a shell that does not exist: the message says which.
   */
  readonly finished: Promise<ExitStatus>;
  readonly #outcome = new Outcome();
  #hasChild = false;
  /** The settings before the first {@link Pty.setRaw}. */
  #settings: TermiosStruct | undefined;

  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device));
    this.finished = this.#outcome.promise;
  }

  /**
   * Makes a pseudoterminal.
   *
   * @param size - Defaults to 80 columns and 24 rows.
   * @throws SystemError with `path`: `ENOENT`, `ENODEV` if this system has no ptys, `ENOSPC` if there are too many
   * (`/proc/sys/kernel/pty/max`), `EACCES`, `EMFILE`, `ENFILE`.
   */
  static open(size: PtySize = { columns: 80, rows: 24 }): Pty {
    checkSize('size', size);
    return setUp(new Pty(openMaster()), (pty) => {
      pty.request('unlock', TIOCSPTLCK, new Uint8Array(4));
      pty.resize(size);
    });
  }

  /**
   * Takes over the fd of the master of a pty that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if the fd stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): Pty {
    return adoptDevice(fd, 'the master of a pty', slavePathOf, (device) => new Pty(device));
  }

  /** The path of the terminal, for example `/dev/pts/3`. */
  get slavePath(): string {
    return this.path;
  }

  /** The size that programs see. */
  get size(): PtySize {
    const bytes = WINSIZE.encode();
    this.request('read the size of', TIOCGWINSZ, bytes);
    const { ws_col, ws_row } = WINSIZE.decode(bytes);
    return { columns: ws_col, rows: ws_row };
  }

  /** Changes the size. The foreground job of the terminal gets the signal SIGWINCH if the size is another one. */
  resize(size: PtySize): void {
    const { columns, rows } = checkSize('size', size);
    this.request('resize', TIOCSWINSZ, WINSIZE.encode({ ws_col: columns, ws_row: rows }));
  }

  /**
   * Turns raw mode on, or back to the settings that the terminal had before. A new pty is not raw: input is echoed,
   * edited in lines of at most 4,095 bytes, and Ctrl-C sends a signal; each line feed of the output becomes a carriage
   * return and a line feed. In raw mode, all bytes pass as they are.
   */
  setRaw(isRaw: boolean): void {
    if (checkBoolean('isRaw', isRaw)) {
      const bytes = TERMIOS.encode();
      this.request('read the settings of', TCGETS2, bytes);
      this.#settings ??= TERMIOS.decode(bytes);
      this.request('set', TCSETS2, TERMIOS.encode(raw(TERMIOS.decode(bytes))));
    } else if (this.#settings !== undefined) {
      this.request('set', TCSETS2, TERMIOS.encode(this.#settings));
    }
  }

  /**
   * Starts a program with this terminal as its controlling terminal, `/dev/tty`: a shell in it has job control, and
   * Ctrl-C and {@link Pty.resize} send signals. It has a process group and a session of its own. Its standard input,
   * output and error are the terminal, so `stdin`, `stdout` and `stderr` of the `ChildProcess` are `null`.
   *
   * `/bin/sh` starts it, or another shell. So if there is no such command, that is no error: the terminal says so, and the exit code is
   * 127. To end the program and its children, close the pty: they get SIGHUP.
   *
   * @param command - The path of a program, or its name, which is searched in `PATH`.
   * @throws EventManagerError `ERR_EM_ALREADY_SPAWNED` if this pty had a child before.
   * @throws TypeError `ERR_INVALID_ARG_VALUE` for a NUL, and what `spawn` of `node:child_process` throws.
   * @see {@link https://man7.org/linux/man-pages/man4/tty_ioctl.4.html | tty_ioctl(4)}
   */
  spawn(command: string, args: readonly string[] = [], options: PtySpawnOptions = {}): ChildProcess {
    const { fd, path } = this;
    if (this.#hasChild) {
      const message = `Cannot spawn another program in ${path}: make a pty for each program`;
      throw Object.assign(new EventManagerError('ERR_EM_ALREADY_SPAWNED', message), { fd, path });
    }
    const outcome = this.#outcome;
    const child = spawnIn(path, command, args, options, (error) => outcome.failed(error));
    this.#hasChild = true;
    // The child must not keep a forgotten pty from being garbage-collected.
    const weak = new WeakRef(this);
    child.once('exit', (exitCode, signal) => {
      const pty = weak.deref();
      if (pty === undefined || !pty.#canEnd()) {
        outcome.ended();
      }
      outcome.exited({ exitCode, signal });
    });
    return child;
  }

  /**
   * Makes reads come to an end if no program has the terminal open, even if the child could not open it.
   *
   * @returns `false` if they never will.
   */
  #canEnd(): boolean {
    if (this.#outcome.isAtEnd) {
      return true;
    }
    try {
      close(ioctl(this.fd, TIOCGPTPEER, O_RDWR | O_NOCTTY));
      return true;
    } catch (error) {
      if (isSystemError(error)) {
        return false;
      }
      throw error;
    }
  }

  protected override release(): void {
    this.#outcome.ended();
    super.release();
  }

  /**
   * Reads output of the programs in the terminal.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns The number of bytes, 0 at the end (all is read, and no program has the terminal open any more), `undefined`
   * if it would block.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    try {
      return this.readBytes(buffer, offset, length);
    } catch (error) {
      if (isSystemError(error) && error.code === 'EIO') {
        this.#outcome.ended();
        return 0;
      }
      throw error;
    }
  }

  /**
   * Writes input for the programs in the terminal.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes written, which may be less than `length`; `undefined` if it would block: no program
   * reads.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.writeBytes(buffer, offset, length);
  }
}

function openMaster(): OpenDevice {
  const { fd } = openDevice(PTMX, O_RDWR | O_NOCTTY);
  try {
    return new OpenDevice(fd, slavePathOf(fd));
  } catch (error) {
    close(fd);
    throw deviceError(error, 'open', PTMX);
  }
}

/** @throws SystemError if the fd is not the master of a pty. */
function slavePathOf(fd: number): string {
  const number = new Uint32Array(1);
  ioctl(fd, TIOCGPTN, new Uint8Array(number.buffer));
  return `/dev/pts/${number[0]}`;
}

function checkSize(name: string, size: PtySize): PtySize {
  const { columns, rows } = checkOptions(name, size, ['columns', 'rows']);
  checkInteger(`${name}.columns`, columns, 0, MAX_SIZE);
  checkInteger(`${name}.rows`, rows, 0, MAX_SIZE);
  return size;
}
