import { constants } from 'node:os';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked } from '../addon/system-error.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

const { ECHILD, ESRCH } = constants.errno;
/** `si_code` of a child that ended by itself, asm-generic/siginfo.h; other codes are kinds of death by a signal. */
const CLD_EXITED = 1;
/** `_NSIG` of asm-generic/signal.h: real-time signals reach up to it. */
const MAX_SIGNAL = 64;

/** How a process ended: of the two, one is `null`, as in the `'exit'` event of Node's `ChildProcess`. */
export interface ExitStatus {
  /** What it returned, 0 to 255. */
  readonly exitCode: number | null;
  /** What killed it: the name, or the number of a signal without one. */
  readonly signal: NodeJS.Signals | number | null;
}

/**
 * A process that can be waited on: `IN` once it has ended, for ever, on newer kernels with `HANG_UP` once it has been
 * reaped. Any process will do, not only a child. Unlike its number, which may be another's by then, it never stands for
 * another one.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/pidfd_open.2.html | pidfd_open(2)}
 */
export class PidFd extends OwnedFd {
  readonly #status = new Uint32Array(2);

  /**
   * @param pid - Of the process, 1 to 2³¹ − 1. That it is still the one that is meant is certain only for a child that
   * has not been reaped: of Node's, before its `'exit'` event.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `pid` is not that.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `ESRCH` if there is no such process, `EINVAL` or `ENOENT` if it is a thread of one, `ENOSYS`
   * before Linux 5.3, `EMFILE`, `ENFILE` if there are too many open files.
   */
  constructor(pid: number);
  constructor(pid: number | CheckedFd) {
    super(CheckedFd.fdOf(pid) ?? create(pid));
  }

  /**
   * Takes over the fd of a pidfd that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws As {@link EventFd.adopt} does.
   */
  static adopt(fd: number): PidFd {
    return adopt(PidFd, fd, ['a pidfd']);
  }

  /**
   * Sends a signal to the process, and to no other.
   *
   * @param signal - A name, or a number from 0 to 64; 0 only asks whether there is somebody to send to.
   * @returns `false` if the process is gone. One that has ended is there until it is reaped.
   * @throws RangeError `ERR_OUT_OF_RANGE`, TypeError `ERR_INVALID_ARG_TYPE` if there is no such signal.
   * @throws SystemError `EPERM` without the right to signal it.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @see {@link https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html | pidfd_send_signal(2)}
   */
  sendSignal(signal: NodeJS.Signals | number): boolean {
    const number = numberOf(signal);
    const result = binding().pidfdSendSignal(this.fd, number);
    if (result === -ESRCH) {
      return false;
    }
    checked(result, 'pidfd_send_signal', this.fd);
    return true;
  }

  /**
   * How the process ended. It is not reaped: that stays with whoever started it.
   *
   * @returns `undefined` while it runs, and where the kernel does not tell any more: of a process that is no child of
   * this one, and of a child that has been reaped. Node reaps its own in its event loop, soon after they end; if it was
   * faster, its `'exit'` event has the status. In a blocking `wait()`, Node reaps nobody.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @throws SystemError `EINVAL` before Linux 5.4.
   * @see {@link https://man7.org/linux/man-pages/man2/waitid.2.html | waitid(2)}
   */
  exitStatus(): ExitStatus | undefined {
    const result = binding().pidfdWait(this.fd, this.#status);
    if (result === -ECHILD || result === 0) {
      return undefined;
    }
    checked(result, 'waitid', this.fd);
    const [code, status = 0] = this.#status;
    return code === CLD_EXITED
      ? { exitCode: status, signal: null }
      : { exitCode: null, signal: nameOf(status) ?? status };
  }
}

function create(pid: unknown): number {
  return checked(binding().pidfdOpen(checkInteger('pid', pid, 1, MAX_INT)), 'pidfd_open');
}

function numberOf(signal: NodeJS.Signals | number): number {
  if (typeof signal === 'number') {
    return checkInteger('signal', signal, 0, MAX_SIGNAL);
  }
  if (typeof signal !== 'string') {
    throw invalidType('signal', 'the name of a signal, or its number', signal);
  }
  if (!Object.hasOwn(constants.signals, signal)) {
    throw outOfRange('signal', 'the name of a signal, such as SIGTERM', signal);
  }
  return constants.signals[signal];
}

function nameOf(number: number): NodeJS.Signals | undefined {
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  return names.find((name) => constants.signals[name] === number);
}
