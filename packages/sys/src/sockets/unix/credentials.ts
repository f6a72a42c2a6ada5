import { constants } from 'node:os';
import { checkBoolean } from '@em/core/check';
import { systemError } from '../../addon/system-error.js';
import type { Credentials } from '../message.js';
import { getWords, setFlag } from '../socket-option.js';

const { ENOTCONN } = constants.errno;
const UCRED_WORDS = 3;
/** `(uid_t) -1`, which is no user: the kernel has noted no peer. */
const NO_UID = 0xffff_ffff;

/** Turns SO_PASSCRED on or off, and returns whether it is on. */
export function setPassCredentials(fd: number, credentials: unknown): boolean {
  const flag = checkBoolean('credentials', credentials);
  setFlag(fd, 'SOL_SOCKET', 'SO_PASSCRED', flag);
  return flag;
}

/** Returns the credentials of the peer (SO_PEERCRED). @throws SystemError `ENOTCONN` if the socket is not connected. */
export function peerCredentialsOf(fd: number): Credentials {
  const [pid = 0, uid = NO_UID, gid = NO_UID] = getWords(fd, 'SOL_SOCKET', 'SO_PEERCRED', UCRED_WORDS);
  if (uid === NO_UID) {
    throw systemError(-ENOTCONN, 'getsockopt', fd);
  }
  return { pid, uid, gid };
}
