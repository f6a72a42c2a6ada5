import { fs } from '../builtins.js';
import { isFdShortage } from './thrown.js';

/** The type of the entry that says whether the program has more privileges than its caller. */
const AT_SECURE = 23n;

/** The process as the kernel describes it to the program: pairs of a type and a value, each of 8 bytes. */
const AUXILIARY_VECTOR = '/proc/self/auxv';

/**
 * Whether this program was started with more privileges than its caller has: setuid, setgid, or file capabilities. The
 * environment then comes from a user with fewer privileges. Also true if the auxiliary vector cannot be read: the kernel
 * hides it from a program with file capabilities.
 *
 * @throws SystemError `EMFILE`, `ENFILE` if no fd is free.
 */
export function isPrivileged(): boolean {
  try {
    return isSecure(fs.readFileSync(AUXILIARY_VECTOR));
  } catch (error) {
    if (isFdShortage(error)) {
      throw error; // an answer would choose an addon for good
    }
    return true;
  }
}

/** Whether `AT_SECURE` is set in an auxiliary vector, or missing. */
export function isSecure(auxv: Uint8Array): boolean {
  const words = new BigUint64Array(new Uint8Array(auxv).buffer);
  const at = words.findIndex((word, index) => index % 2 === 0 && word === AT_SECURE);
  return at === -1 || words[at + 1] !== 0n;
}
