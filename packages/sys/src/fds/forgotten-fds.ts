import { binding } from '../addon/binding.js';
import { systemError } from '../addon/system-error.js';

/** What an owner of several fds leaves behind. It does not hold the owner. */
export interface Forgotten {
  /** By which the owner is known. */
  readonly fd: number;
  /** @returns What each of the closes returned. */
  close(): number[];
}

/** Has the fds closed of those owners that are garbage-collected. */
export type Watch = FinalizationRegistry<number | Forgotten>;

/** One for each type, by its name: so all that is kept for an owner, of which there may be many thousands, is a number. */
const watches = new Map<string, Watch>();

/** @returns Where to unregister the owner before its fd is closed or given away, for its number may be another's at once. */
export function watchOver(owner: object, owned: number | Forgotten): Watch {
  const watch = watchFor(owner.constructor.name);
  watch.register(owner, owned, owner);
  return watch;
}

function watchFor(type: string): Watch {
  let watch = watches.get(type);
  if (watch === undefined) {
    watch = new FinalizationRegistry((owned) => closeForgotten(type, owned));
    watches.set(type, watch);
  }
  return watch;
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
