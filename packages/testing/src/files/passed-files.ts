import type { FdLike } from '@em/core';
import { checkFd, checkInteger, invalidType, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import type { OpenFile } from './open-file.js';

/** `SCM_MAX_FD` of net/scm.h: the most fds that one message carries. */
const MAX_FDS = 253;

/** A process, as a socket notes it: the `Credentials` of `@em/sys`. */
export interface FakeCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The process that all fakes belong to. */
export const OWN_CREDENTIALS: FakeCredentials = { pid: 1000, uid: 1000, gid: 1000 };

/** A message, and the fds that came with it: the `MessageWithFds` of `@em/sys`. */
export interface FakeMessageWithFds {
  readonly length: number;
  readonly truncated: boolean;
  readonly credentials?: FakeCredentials | undefined;
  readonly fds: readonly number[];
  readonly fdsTruncated: boolean;
}

/** Checks the fds of a message, and returns their files. */
export function filesOf(fds: FdTable, passed: readonly FdLike[]): OpenFile[] {
  if (!Array.isArray(passed)) {
    throw invalidType('fds', 'an array of file descriptors', passed);
  }
  if (passed.length < 1 || passed.length > MAX_FDS) {
    throw outOfRange('fds', `an array of 1 to ${MAX_FDS} file descriptors`, passed);
  }
  return (passed as readonly FdLike[]).map((fd) =>
    fds.get(checkFd(typeof fd === 'object' && fd !== null ? fd.fd : fd), 'sendmsg'),
  );
}

/** Gives received files numbers, as far as there is room for them. If they stay in the queue, the numbers are duplicates. */
export function install(
  fds: FdTable,
  files: readonly OpenFile[],
  isPeeked: boolean,
  maxFds: number = MAX_FDS,
): Pick<FakeMessageWithFds, 'fds' | 'fdsTruncated'> {
  const room = checkInteger('maxFds', maxFds, 0, MAX_FDS);
  const numbers = files.slice(0, room).map((file) => fds.install(file));
  for (const file of isPeeked ? [] : files) {
    file.fdClosed();
  }
  return { fds: numbers, fdsTruncated: files.length > room };
}
