import { EventManagerError, EventSet } from '@em/core';
import { checkInteger, checkOptions, invalidType } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';
import { nameOf, numberOf, SIGKILL, type SignalName } from './signals.js';

/** How a process ended: the `ExitStatus` of `@em/sys`. One of the two is `null`. */
export interface FakeExitStatus {
  readonly exitCode: number | null;
  readonly signal: SignalName | number | null;
}

/** What {@link FakePidFd.exit} takes: an exit code, or the signal that ends the process. Defaults to exit code 0. */
export type FakeExit =
  | { readonly exitCode?: number | undefined; readonly signal?: undefined }
  | { readonly exitCode?: undefined; readonly signal: SignalName | number };

/** What a {@link FakePidFd} is made from instead of a process id: a `ChildProcess`, or a fake of one. */
export interface FakeChildProcess {
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: SignalName | null;
}

/** A process. Its pidfds are woken together. See kernel/pid.c and fs/pidfs.c. */
export class FakeProcess {
  readonly pid: number;
  readonly files: Set<PidFile> = new Set();
  readonly signals: (SignalName | number)[] = [];
  status: FakeExitStatus | undefined;
  isReaped = false;

  constructor(pid: number) {
    this.pid = pid;
  }

  end(status: FakeExitStatus): void {
    this.status = status;
    this.#wakeUp(EventSet.IN);
  }

  reap(): void {
    this.isReaped = true;
    this.#wakeUp(EventSet.EMPTY);
  }

  #wakeUp(events: EventSet): void {
    for (const file of this.files) {
      file.wakeUp(events);
    }
  }
}

class PidFile extends OpenFile {
  readonly process: FakeProcess;

  constructor(process: FakeProcess) {
    super();
    this.process = process;
    process.files.add(this);
  }

  override events(): EventSet {
    const { status, isReaped } = this.process;
    return (status === undefined ? 0 : EventSet.IN) | (isReaped ? EventSet.HANG_UP : 0);
  }

  protected override release(): void {
    this.process.files.delete(this);
  }
}

/** The processes of a fake, by pid. A pid whose process was reaped is free for another one. */
export class ProcessTable {
  readonly #processes = new Map<number, FakeProcess>();

  /** Returns the process that has the pid. If no process has it, starts one. */
  get(pid: number): FakeProcess {
    let process = this.#processes.get(pid);
    if (process === undefined || process.isReaped) {
      process = new FakeProcess(pid);
      this.#processes.set(pid, process);
    }
    return process;
  }
}

/**
 * A fake of `PidFd` of `@em/sys`. The process runs until the test calls {@link FakePidFd.exit}. It ignores all signals but
 * SIGKILL: {@link FakePidFd.signals} has them.
 *
 * {@link FakeFd} says what every method throws.
 */
export class FakePidFd extends FakeFd<PidFile> {
  readonly #child: FakeChildProcess | undefined;

  private constructor(fds: FdTable, file: PidFile, child: FakeChildProcess | undefined) {
    super(fds, file);
    this.#child = child;
  }

  static create(fds: FdTable, processes: ProcessTable, process: number | FakeChildProcess): FakePidFd {
    const child = typeof process === 'object' && process !== null ? process : undefined;
    const pid = checkInteger(child ? 'process.pid' : 'process', child ? child.pid : process, 1, 0x7fff_ffff);
    if (child !== undefined && reported(child) !== undefined) {
      throw systemError('ESRCH', 'pidfd_open');
    }
    return new FakePidFd(fds, new PidFile(processes.get(pid)), child);
  }

  override dup(): FakePidFd {
    return new FakePidFd(this.fds, this.open(), this.#child);
  }

  /** The signals that were sent to the process, 0 left out, oldest first. */
  get signals(): readonly (SignalName | number)[] {
    return this.open().process.signals;
  }

  /**
   * Ends the process, as if it exited or a signal killed it.
   *
   * @throws SystemError `ESRCH` if it has ended already.
   */
  exit(how: FakeExit = {}): void {
    const { exitCode, signal } = checkOptions('how', how, ['exitCode', 'signal']);
    const { process } = this.open();
    if (exitCode !== undefined && signal !== undefined) {
      throw invalidType('how', 'an object with exitCode or signal, not both', how);
    }
    const status: FakeExitStatus =
      signal === undefined
        ? { exitCode: checkInteger('how.exitCode', exitCode ?? 0, 0, 255), signal: null }
        : { exitCode: null, signal: nameOf(numberOf(signal)) };
    if (process.status !== undefined) {
      throw systemError('ESRCH', 'exit');
    }
    process.end(status);
  }

  /**
   * Sends a signal to the process.
   *
   * @param signal - A name, or a number from 0 to 64. 0 sends nothing, and checks whether the process exists.
   * @returns `false` if the process is gone. A process that has ended exists until it is reaped.
   */
  sendSignal(signal: SignalName | number): boolean {
    const number = numberOf(signal);
    const { process } = this.open();
    if (process.isReaped) {
      return false;
    }
    if (number !== 0 && process.status === undefined) {
      process.signals.push(nameOf(number));
      if (number === SIGKILL) {
        process.end({ exitCode: null, signal: nameOf(number) });
      }
    }
    return true;
  }

  /**
   * Returns how a child ended. It does not reap the child.
   *
   * @returns `undefined` while it runs.
   * @throws EventManagerError `ERR_EM_WRONG_REAPER` if this object was not made from a `ChildProcess`.
   */
  exitStatus(): FakeExitStatus | undefined {
    const { process } = this.open();
    if (this.#child === undefined) {
      throw wrongReaper('return the exit status', 'it was made from a number', 'the ChildProcess');
    }
    return process.isReaped ? reported(this.#child) : process.status;
  }

  /**
   * Reaps the process, if it has ended.
   *
   * @returns `undefined` while the process runs: it would block.
   * @throws EventManagerError `ERR_EM_WRONG_REAPER` if this object was made from a `ChildProcess`.
   * @throws SystemError `ECHILD` if it was reaped already.
   */
  reap(): (FakeExitStatus & { readonly pid: number }) | undefined {
    const { process } = this.open();
    if (this.#child !== undefined) {
      throw wrongReaper('reap the process', 'it was made from a ChildProcess', 'its pid');
    }
    if (process.isReaped) {
      throw systemError('ECHILD', 'waitid', this.fd);
    }
    if (process.status === undefined) {
      return undefined;
    }
    process.reap();
    return { pid: process.pid, ...process.status };
  }
}

/** Returns how a child ended, if its object knows. */
function reported({ exitCode, signalCode }: FakeChildProcess): FakeExitStatus | undefined {
  return typeof exitCode === 'number' || typeof signalCode === 'string' ? { exitCode, signal: signalCode } : undefined;
}

function wrongReaper(action: string, why: string, instead: string): EventManagerError {
  return new EventManagerError('ERR_EM_WRONG_REAPER', `Cannot ${action}: ${why}; make the fake PidFd from ${instead}`);
}
