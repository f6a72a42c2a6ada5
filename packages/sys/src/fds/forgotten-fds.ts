import { binding } from '../native/binding.js';
import { systemError } from '../native/system-error.js';
import { strike } from './fd-ledger.js';

/** What is left of an fd object that is gone. */
interface Remains {
  readonly fd: number;
  readonly type: string;
}

const owners = new FinalizationRegistry(closeForgotten);

/** Has the fd of an object closed when the object is garbage-collected. */
export function watchOver(owner: object, fd: number): void {
  owners.register(owner, { fd, type: owner.constructor.name }, owner);
}

/** To be called before the fd is closed or given away, for its number may be somebody else's at once. */
export function watchNoMore(owner: object): void {
  owners.unregister(owner);
}

function closeForgotten({ fd, type }: Remains): void {
  strike(fd);
  const result = binding().close(fd);
  const outcome = result < 0 ? `closing it failed with ${systemError(result, 'close').message}` : 'it is closed now';
  process.emitWarning(`${type} with fd ${fd} was garbage-collected without close(); ${outcome}`, {
    type: 'ForgottenFdWarning',
    code: 'EM_FORGOTTEN_FD',
  });
}
