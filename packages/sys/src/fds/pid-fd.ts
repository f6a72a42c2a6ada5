import { constants } from 'node:os';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked } from '../addon/system-error.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

const { ECHILD, ESRCH } = constants.errno;
/** `si_code` of a child that exited, asm-generic/siginfo.h. The other codes mean that a signal ended it. */
const CLD_EXITED = 1;
/** `_NSIG` of asm-generic/signal.h, the highest real-time signal. */
const MAX_SIGNAL = 64;

/** How a process ended. One of the two is `null`, as in the `'exit'` event of Node's `ChildProcess`. */
export interface ExitStatus {
  /** The exit code, 0 to 255. */
  readonly exitCode: number | null;
  /** The signal that ended it: its name, or its number if it has no name. */
  readonly signal: NodeJS.Signals | number | null;
}

/**
 * A process that can be waited on, a child or any other: `IN` from its end on, with `HANG_UP` on newer kernels once it
 * is reaped. Unlike a process id, which is used again, it always stands for the same process.
 *
 * {@link OwnedFd} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/pidfd_open.2.html | pidfd_open(2)}
 */
export class PidFd extends OwnedFd {
  readonly #status = new Uint32Array(2);

  /**
   * @param pid - The process id, 1 to 2³¹ − 1. It is certain to be the process you mean only for a child that was not
   * reaped yet: for a child of Node, before its `'exit'` event.
   * @throws SystemError `ESRCH` if there is no such process, `EINVAL` or `ENOENT` for the id of a thread, `ENOSYS`
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
   * Sends a signal to the process.
   *
   * @param signal - A name, or a number from 0 to 64. 0 sends nothing, and checks whether the process exists.
   * @returns `false` if the process is gone. A process that has ended exists until it is reaped.
   * @throws SystemError `EPERM` without the right to signal it.
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
   * Returns how the process ended. It does not reap the process: its parent has to.
   *
   * @returns `undefined` while the process runs, and if the kernel does not say: for a process that is not a child of
   * this one, and for a child that was reaped. Node reaps its children in its event loop, soon after they end, and
   * reports the status in the `'exit'` event. While `wait()` blocks, Node does not reap.
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
