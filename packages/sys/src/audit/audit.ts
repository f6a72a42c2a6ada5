import { EventSet, type Interest, type Registration } from '@em/core';
import type { KernelInterest } from './epoll-fdinfo.js';

const ALWAYS_WATCHED = EventSet.ERROR | EventSet.HANG_UP;
/** The bits that say how to report, and not what: all that is left of a ONE_SHOT that has reported. `EP_PRIVATE_BITS`. */
const MODES = EventSet.WAKE_UP | EventSet.ONE_SHOT | EventSet.EDGE_TRIGGERED | EventSet.EXCLUSIVE;

interface Finding<Kind extends string, Asked, Kernel> {
  readonly kind: Kind;
  /** The number that was added. */
  readonly fd: number;
  /** The label of the registration. */
  readonly label: string | undefined;
  /** What the registration asks for. */
  readonly asked: Asked;
  /** What the kernel has. */
  readonly kernel: Kernel;
  /** All of it, for people. */
  readonly message: string;
}

/**
 * Where the kernel's interest list is not as the registrations would have it, or is silent.
 *
 * - `orphan`: it has what nobody has registered. Its number was closed before the registration was deleted, and a
 *   duplicate keeps the file open, in this process or in another.
 * - `closed`: it is registered, and the number was closed. If the kernel has it all the same, a duplicate keeps the file
 *   open.
 * - `reused`: the same, and the number is another file by now.
 * - `disarmed`: a ONE_SHOT that has reported, and reports nothing until it is re-armed.
 * - `altered`: the kernel watches for something else than was asked for: it drops WAKE_UP without the right to it.
 */
export type AuditFinding =
  | Finding<'orphan', undefined, KernelInterest>
  | Finding<'closed' | 'reused' | 'disarmed', EventSet, KernelInterest | undefined>
  | Finding<'altered', EventSet, KernelInterest>;

/** What stands behind a number: the file that the kernel watches under it, another file, or none. */
export type FdState = 'watched' | 'other' | 'closed';

/** Compares what the kernel has with what is registered. The findings are in order of fd. */
export function audit(
  interests: readonly KernelInterest[],
  registrations: Iterable<Registration>,
  stateOf: (fd: number) => FdState,
): AuditFinding[] {
  const unclaimed = new Map(interests.map((interest) => [keyOf(interest), interest]));
  const findings: AuditFinding[] = [];
  for (const registration of registrations) {
    // The kernel has not got a paused one, or should not have.
    if (!registration.paused) {
      const key = keyOf(registration);
      const finding = check(registration, unclaimed.get(key), stateOf(registration.fd));
      unclaimed.delete(key);
      if (finding !== undefined) {
        findings.push(finding);
      }
    }
  }
  for (const kernel of unclaimed.values()) {
    findings.push(orphan(kernel));
  }
  return findings.sort((a, b) => a.fd - b.fd);
}

function keyOf({ fd, generation }: Interest): string {
  return `${fd} ${generation}`;
}

function check(
  registration: Registration,
  kernel: KernelInterest | undefined,
  state: FdState,
): AuditFinding | undefined {
  const { fd, label, events: asked, fired } = registration;
  const told = { fd, label, asked };
  const name = `fd ${fd}${label === undefined ? '' : ` (${label})`}`;
  const duplicate = kernel === undefined ? '' : '; a duplicate keeps the file open, and it is still watched';
  if (state === 'closed') {
    return { kind: 'closed', ...told, kernel, message: `${name} is registered, but was closed${duplicate}` };
  }
  // A ONE_SHOT that has reported is not in the list of a poller that has been rebuilt since.
  if (kernel === undefined ? fired : state === 'watched' && (kernel.events & ~MODES) === 0) {
    const until = fired ? 'reports nothing until it is re-armed' : 'its event is served by the next wait';
    return { kind: 'disarmed', ...told, kernel, message: `${name} is a ONE_SHOT that has reported: ${until}` };
  }
  if (kernel === undefined || state === 'other') {
    const message = `${name} is registered, but was closed, and the number is another file now${duplicate}`;
    return { kind: 'reused', ...told, kernel, message };
  }
  if ((kernel.events | ALWAYS_WATCHED) >>> 0 !== (asked | ALWAYS_WATCHED) >>> 0) {
    const message = `${name} is watched for ${format(kernel.events, asked)}, and not for ${EventSet.format(asked)} as asked`;
    return { kind: 'altered', ...told, kernel, message };
  }
  return undefined;
}

function orphan(kernel: KernelInterest): AuditFinding {
  const { fd, events } = kernel;
  const message = `fd ${fd} is watched for ${format(events)}, but not registered: it was closed before its registration was deleted, and a duplicate keeps the file open`;
  return { kind: 'orphan', fd, label: undefined, asked: undefined, kernel, message };
}

/** Without what the kernel adds to every interest, unless that was asked for. */
function format(events: EventSet, asked: EventSet = EventSet.EMPTY): string {
  return EventSet.format(EventSet.difference(events, EventSet.difference(ALWAYS_WATCHED, asked)));
}
