import { constants } from 'node:os';
import { EventManagerError } from '@em/core';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, type SystemError, systemError } from '../addon/system-error.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

const { ECHILD, ENOSYS, EPERM, ESRCH } = constants.errno;
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

/** A child that was reaped. Its pid may stand for another process from now on. */
export interface ReapedChild extends ExitStatus {
  readonly pid: number;
}

/** What a {@link PidFd} reads from a `ChildProcess` of `node:child_process`. */
export interface ChildProcessLike {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
}

/**
 * A process that can be waited on, a child or any other: `IN` from its end on, with `HANG_UP` on newer kernels once it
 * is reaped. Unlike a process id, which is used again, it always stands for the same process.
 *
 * A child that has ended has to be reaped, once. Only the call that reaps it returns how it ended. What you pass to the
 * constructor says who makes that call:
 *
 * | made from | who reaps the process | how it ended |
 * |---|---|---|
 * | a `ChildProcess` | Node, in its event loop | {@link PidFd.exitStatus} |
 * | a process id | you, if it is your child | {@link PidFd.reap} |
 *
 * {@link OwnedFd} lists what every method throws.
 *
 * @example Wait for a child during run()
 * ```ts
 * const child = new PidFd(spawn('make', ['test']));
 * manager.add(child, EventSet.IN, (_events, registration) => {
 *   const status = child.exitStatus();
 *   if (status !== undefined) {
 *     registration.delete();
 *     console.log(status.exitCode ?? status.signal);
 *   }
 * });
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/pidfd_open.2.html | pidfd_open(2)}
 */
export class PidFd extends OwnedFd {
  readonly #status = new Uint32Array(3);
  readonly #child: ChildProcessLike | undefined;

  /**
   * @param process - A child of `node:child_process`, or a process id, 1 to 2³¹ − 1. An id is certain to mean the process
   * you have in mind only for a child that was not reaped yet.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the child could not be started, and so has no id.
   * @throws SystemError `ESRCH` if there is no such process, or Node has already reaped the child; `EINVAL` or `ENOENT`
   * for the id of a thread; `EMFILE`, `ENFILE` if there are too many open files; `ENOSYS` before Linux 5.3; `ENOSYS`,
   * `EPERM` if a seccomp filter refuses the call, as those of older containers do.
   */
  constructor(process: number | ChildProcessLike);
  constructor(process: number | ChildProcessLike | CheckedFd) {
    const fd = CheckedFd.fdOf(process);
    super(fd ?? create(process as number | ChildProcessLike));
    this.#child = fd === undefined && typeof process === 'object' ? (process as ChildProcessLike) : undefined;
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
   * @throws SystemError `EPERM` without the right to signal it; `ENOSYS`, `EPERM` if a seccomp filter refuses the call, as
   * those of older containers do.
   * @see {@link https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html | pidfd_send_signal(2)}
   */
  sendSignal(signal: NodeJS.Signals | number): boolean {
    const number = numberOf(signal);
    const result = binding().pidfdSendSignal(this.fd, number);
    if (result === -ESRCH) {
      return false;
    }
    if (result === -ENOSYS) {
      throw missing(result, 'pidfd_send_signal', '5.1', this.fd);
    }
    checked(result, 'pidfd_send_signal', this.fd);
    return true;
  }

  /**
   * Returns how a child of `node:child_process` ended. It does not reap the child: Node does, soon after it ends. Before
   * that, the kernel knows the status; afterwards, the `ChildProcess` does. If a signal without a name ended the child, a
   * `ChildProcess` reports exit code 0.
   *
   * @returns `undefined` while the child runs, and while its status is on the way to the `ChildProcess`: in the `'exit'`
   * handler of another child, and in Deno for a moment. `IN` is reported again then, so ask again in the next call.
   * @throws EventManagerError `ERR_EM_WRONG_REAPER` if this object was not made from a `ChildProcess`.
   * @throws SystemError `EINVAL` before Linux 5.4.
   * @see {@link https://man7.org/linux/man-pages/man2/waitid.2.html | waitid(2)}
   */
  exitStatus(): ExitStatus | undefined {
    const { fd } = this;
    const child = this.#child;
    if (child === undefined) {
      throw wrongReaper(`return the exit status of fd ${fd}`, 'it was made from a number', 'the ChildProcess');
    }
    const result = binding().pidfdWait(fd, this.#status, 0);
    if (result === -ECHILD) {
      return reported(child);
    }
    return checked(result, 'waitid', fd) === 0 ? undefined : toExitStatus(this.#status);
  }

  /**
   * Reaps the process, if it has ended: its zombie goes away. Use it for children that nothing else reaps, above all in
   * a thread that stays in a loop of `wait()`, where the event loop of Node does not run.
   *
   * After that, the runtime cannot learn how its `ChildProcess` ended. In Node, it never emits `'exit'`, and keeps the
   * process alive unless you call `child.unref()`. In Bun, it emits `'error'` with `ECHILD`. In Deno, a promise is
   * rejected that you cannot handle: use this method there only if the thread never returns to its event loop.
   *
   * @returns `undefined` while the process runs, and while it is stopped: it would block.
   * @throws EventManagerError `ERR_EM_WRONG_REAPER` if this object was made from a `ChildProcess`, which Node reaps.
   * @throws SystemError `ECHILD` if it is not a child of this process, or was reaped already; `EINVAL` before Linux 5.4.
   * @see {@link https://man7.org/linux/man-pages/man2/waitid.2.html | waitid(2)}
   */
  reap(): ReapedChild | undefined {
    const { fd } = this;
    if (this.#child !== undefined) {
      throw wrongReaper(`reap fd ${fd}`, 'it was made from a ChildProcess, which Node reaps', 'its pid');
    }
    if (checked(binding().pidfdWait(fd, this.#status, 1), 'waitid', fd) === 0) {
      return undefined;
    }
    return { pid: this.#status[2] ?? 0, ...toExitStatus(this.#status) };
  }
}

function create(process: number | ChildProcessLike): number {
  if (typeof process !== 'object' || process === null) {
    return open(checkPid('process', process));
  }
  const pid = checkPid('process.pid', process.pid);
  // Once Node has reaped it, its id may stand for another process.
  if (reported(process) !== undefined) {
    throw systemError(-ESRCH, 'pidfd_open');
  }
  return open(pid);
}

function open(pid: number): number {
  const fd = binding().pidfdOpen(pid);
  if (fd === -ENOSYS || fd === -EPERM) {
    throw missing(fd, 'pidfd_open', '5.3');
  }
  return checked(fd, 'pidfd_open');
}

/** Makes the error for a call that this kernel does not have, or that a filter refuses. */
function missing(errno: number, syscall: string, since: string, fd?: number): SystemError {
  const error = systemError(errno, syscall, fd);
  error.message += `: it needs Linux ${since}, and a container must allow it; run npx @em/sys doctor`;
  return error;
}

function checkPid(name: string, pid: unknown): number {
  return checkInteger(name, pid, 1, MAX_INT);
}

/** Returns how a child ended, if Node has reported that. */
function reported({ exitCode, signalCode }: ChildProcessLike): ExitStatus | undefined {
  return typeof exitCode === 'number' || typeof signalCode === 'string' ? { exitCode, signal: signalCode } : undefined;
}

function wrongReaper(action: string, why: string, instead: string): EventManagerError {
  return new EventManagerError('ERR_EM_WRONG_REAPER', `Cannot ${action}: ${why}; make the PidFd from ${instead}`);
}

function toExitStatus([code, status = 0]: Uint32Array): ExitStatus {
  return code === CLD_EXITED
    ? { exitCode: status, signal: null }
    : { exitCode: null, signal: nameOf(status) ?? status };
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
