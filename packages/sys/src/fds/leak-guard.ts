import { binding } from '../addon/binding.js';
import { systemError } from '../addon/system-error.js';

/** The fds of an owner that has several. It must not refer to the owner, which would never be garbage-collected. */
export interface Forgotten {
  /** The fd that the warning names. */
  readonly fd: number;
  /** Closes them, and returns the result of each close. */
  close(): number[];
}

/** Closes the fds of owners that are garbage-collected before they are closed. */
export type LeakGuard = FinalizationRegistry<number | Forgotten>;

/** One per type, by its name: there may be many thousands of owners, and each then costs one number. */
const leakGuards = new Map<string, LeakGuard>();

/**
 * Closes what is owned if the owner is garbage-collected.
 *
 * @returns The leak guard. Unregister the owner from it before the fd is closed or given away: the number may stand for
 * another file at once.
 */
export function guardAgainstLeaks(owner: object, owned: number | Forgotten): LeakGuard {
  const leakGuard = leakGuardFor(owner.constructor.name);
  leakGuard.register(owner, owned, owner);
  return leakGuard;
}

function leakGuardFor(type: string): LeakGuard {
  let leakGuard = leakGuards.get(type);
  if (leakGuard === undefined) {
    leakGuard = new FinalizationRegistry((owned) => closeForgotten(type, owned));
    leakGuards.set(type, leakGuard);
  }
  return leakGuard;
}

function closeForgotten(type: string, owned: number | Forgotten): void {
  const fd = typeof owned === 'number' ? owned : owned.fd;
  const results = typeof owned === 'number' ? [binding().close(owned)] : owned.close();
  const result = results.find((one) => one < 0) ?? 0;
  const outcome = result < 0 ? `closing it failed with ${systemError(result, 'close').message}` : 'it is closed now';
  process.emitWarning(`${type} with fd ${fd} was garbage-collected without close(); ${outcome}`, {
    type: 'ForgottenFdWarning',
    code: 'EM_FORGOTTEN_FD',
  });
}
