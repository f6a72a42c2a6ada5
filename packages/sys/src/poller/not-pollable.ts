import type { Stats } from 'node:fs';
import { EventManagerError } from '@em/core';
import { systemError } from '../addon/system-error.js';
import { fs } from '../builtins.js';

/**
 * Makes the error for an fd that epoll refuses with EPERM, because files of its kind are always ready. It names the
 * kind and the path, because the fd is often not the file that the caller expects: in CI, stdin is `/dev/null`.
 */
export function notPollable(errno: number, fd: number): EventManagerError {
  const error = new EventManagerError(
    'ERR_EM_NOT_POLLABLE',
    `Cannot add fd ${fd}: epoll does not watch ${kindOf(fd)} (${pathOf(fd)}), which never blocks; read or write it without waiting`,
    { cause: systemError(errno, 'epoll_ctl', fd) },
  );
  return Object.assign(error, { errno, syscall: 'epoll_ctl', fd });
}

function kindOf(fd: number): string {
  const kinds: [string, (stats: Stats) => boolean][] = [
    ['a regular file', (stats) => stats.isFile()],
    ['a directory', (stats) => stats.isDirectory()],
    ['this character device', (stats) => stats.isCharacterDevice()],
    ['this block device', (stats) => stats.isBlockDevice()],
  ];
  const stats = fs.fstatSync(fd);
  return kinds.find(([, is]) => is(stats))?.[0] ?? 'this kind of file';
}

function pathOf(fd: number): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'path unknown';
  }
}
