import { EventSet, type Interest, type Registration } from '@em/core';
import type { KernelInterest } from './epoll-fdinfo.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
/** The bits that say how to report. Only they are left of a ONE_SHOT that has reported. `EP_PRIVATE_BITS`. */
const MODES = EventSet.WAKE_UP | EventSet.ONE_SHOT | EventSet.EDGE_TRIGGERED | EventSet.EXCLUSIVE;

interface Finding<Kind extends string, Asked, Kernel> {
  readonly kind: Kind;
  /** The number that was added. */
  readonly fd: number;
  /** The label of the registration. */
  readonly label: string | undefined;
  /** The interest of the registration. */
  readonly asked: Asked;
  /** The interest that the kernel has. */
  readonly kernel: Kernel;
  /** The finding as a sentence. */
  readonly message: string;
}

/**
 * A difference between the kernel's interest list and the registrations, or a registration that is silent.
 *
 * - `orphan`: the kernel watches a file that has no registration. Its number was closed before the registration was
 *   deleted, and a duplicate keeps the file open, in this process or in another.
 * - `closed`: the number of a registration was closed. If the kernel still watches the file, a duplicate keeps it open.
 * - `reused`: the same, and the number is another file now.
 * - `disarmed`: a ONE_SHOT has reported, and reports nothing until it is re-armed.
 * - `altered`: the kernel watches for other events than the registration. It drops WAKE_UP if the process lacks
 *   `CAP_BLOCK_SUSPEND`.
 */
export type AuditFinding =
  | Finding<'orphan', undefined, KernelInterest>
  | Finding<'closed' | 'reused' | 'disarmed', EventSet, KernelInterest | undefined>
  | Finding<'altered', EventSet, KernelInterest>;

/** What a number is now: the file that the kernel watches under it, another file, or closed. */
export type FdState = 'watched' | 'other' | 'closed';

/** Compares the interests of the kernel with the registrations. Returns the findings in order of fd. */
export function audit(
  interests: readonly KernelInterest[],
  registrations: Iterable<Registration>,
  stateOf: (fd: number) => FdState,
): AuditFinding[] {
  const unclaimed = new Map(interests.map((interest) => [keyOf(interest), interest]));
  const findings: AuditFinding[] = [];
  for (const registration of registrations) {
    if (registration.pending) {
      // Until its callback has ended, the manager may have taken it from the kernel.
      unclaimed.delete(keyOf(registration));
      continue;
    }
    // The kernel has no paused registration. If it has one, that is an orphan.
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
  const common = { fd, label, asked };
  const name = `fd ${fd}${label === undefined ? '' : ` (${label})`}`;
  const duplicate = kernel === undefined ? '' : '; a duplicate keeps the file open, and it is still watched';
  if (state === 'closed') {
    return { kind: 'closed', ...common, kernel, message: `${name} is registered, but was closed${duplicate}` };
  }
  // A rebuilt poller leaves out a ONE_SHOT that has reported.
  if (kernel === undefined ? fired : state === 'watched' && (kernel.events & ~MODES) === 0) {
    const until = fired ? 'reports nothing until it is re-armed' : 'its event is delivered by the next wait';
    return { kind: 'disarmed', ...common, kernel, message: `${name} is a ONE_SHOT that has reported: ${until}` };
  }
  if (kernel === undefined || state === 'other') {
    const message = `${name} is registered, but was closed, and the number is another file now${duplicate}`;
    return { kind: 'reused', ...common, kernel, message };
  }
  if ((kernel.events | ALWAYS_REPORTED) >>> 0 !== (asked | ALWAYS_REPORTED) >>> 0) {
    const message = `${name} is watched for ${format(kernel.events, asked)} instead of ${EventSet.format(asked)}`;
    return { kind: 'altered', ...common, kernel, message };
  }
  return undefined;
}

function orphan(kernel: KernelInterest): AuditFinding {
  const { fd, events } = kernel;
  const message = `fd ${fd} is watched for ${format(events)}, but not registered: it was closed before its registration was deleted, and a duplicate keeps the file open`;
  return { kind: 'orphan', fd, label: undefined, asked: undefined, kernel, message };
}

/** Leaves out the events that the kernel adds to every interest, unless they are in `asked`. */
function format(events: EventSet, asked: EventSet = EventSet.EMPTY): string {
  return EventSet.format(EventSet.difference(events, EventSet.difference(ALWAYS_REPORTED, asked)));
}
