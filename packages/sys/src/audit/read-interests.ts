import { readFileSync } from 'node:fs';
import { EventManagerError, type Interest } from '@em/core';
import { type KernelInterest, parseEpollFdinfo } from './epoll-fdinfo.js';

/**
 * What an epoll instance watches, without the fds of the poller itself, which have generation 0.
 *
 * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` if the kernel does not show what it watches: then it does not show
 * those fds either.
 */
export function readInterests(epollFd: number): KernelInterest[] {
  const path = `/proc/self/fdinfo/${epollFd}`;
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    throw cannotAudit(`${path} cannot be read`, { cause });
  }
  const interests = parseEpollFdinfo(text);
  const isOwn = ({ generation }: Interest): boolean => generation === 0;
  if (interests?.some(isOwn) !== true) {
    throw cannotAudit(`${path} does not show what is watched`);
  }
  return interests.filter((interest) => !isOwn(interest));
}

function cannotAudit(why: string, options?: { cause: unknown }): EventManagerError {
  return new EventManagerError('ERR_EM_CANNOT_AUDIT', `Cannot audit: ${why}`, options);
}
