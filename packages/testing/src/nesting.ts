import { systemError } from './errors.js';
import type { EpollInstance } from './files/epoll-file.js';

/** `EP_MAX_NESTS`, fs/eventpoll.c. */
const MAX_LINKS = 4;

/**
 * Checks that an instance can watch another one.
 *
 * @param all - All instances of the kernel.
 * @throws SystemError `ELOOP` if they would be in a circle, or nested more than four links deep.
 */
export function assertNestable(
  outer: EpollInstance,
  inner: EpollInstance,
  all: ReadonlySet<EpollInstance>,
  fd: number,
): void {
  if (reaches(inner, outer) || linksAbove(outer, all) + 1 + linksBelow(inner) > MAX_LINKS) {
    throw systemError('ELOOP', 'epoll_ctl', fd);
  }
}

function reaches(from: EpollInstance, to: EpollInstance): boolean {
  return from.watched().some((inner) => inner === to || reaches(inner, to));
}

function linksBelow(epoll: EpollInstance): number {
  return Math.max(0, ...epoll.watched().map((inner) => 1 + linksBelow(inner)));
}

function linksAbove(epoll: EpollInstance, all: ReadonlySet<EpollInstance>): number {
  const outer = [...all].filter((other) => other.watched().includes(epoll));
  return Math.max(0, ...outer.map((other) => 1 + linksAbove(other, all)));
}
