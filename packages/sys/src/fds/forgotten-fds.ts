import { binding } from '../native/binding.js';
import { systemError } from '../native/system-error.js';

/** Has the fds closed of those owners that are garbage-collected. */
export type Watch = FinalizationRegistry<number>;

/** One for each type, by its name: so all that is kept for an owner, of which there may be many thousands, is a number. */
const watches = new Map<string, Watch>();

/** @returns Where to unregister the owner before its fd is closed or given away, for its number may be another's at once. */
export function watchOver(owner: object, fd: number): Watch {
  const watch = watchFor(owner.constructor.name);
  watch.register(owner, fd, owner);
  return watch;
}

function watchFor(type: string): Watch {
  let watch = watches.get(type);
  if (watch === undefined) {
    watch = new FinalizationRegistry((fd) => closeForgotten(type, fd));
    watches.set(type, watch);
  }
  return watch;
}

function closeForgotten(type: string, fd: number): void {
  const result = binding().close(fd);
  const outcome = result < 0 ? `closing it failed with ${systemError(result, 'close').message}` : 'it is closed now';
  process.emitWarning(`${type} with fd ${fd} was garbage-collected without close(); ${outcome}`, {
    type: 'ForgottenFdWarning',
    code: 'EM_FORGOTTEN_FD',
  });
}
