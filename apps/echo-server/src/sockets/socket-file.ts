import type { Stats } from 'node:fs';
import { fs } from '../builtins.js';
import { codeOf } from '../errors.js';

/** A socket bound to a path or an abstract name. */
export interface BoundToPath<S> {
  readonly socket: S;
  /** Removes the file at the path, if it is still the one that this socket made. A second call does nothing. */
  readonly removeFile: () => void;
}

/**
 * Binds a unix socket. A path gets a file, which stays when its socket is closed. Such a stale file is removed first.
 *
 * @param path - A path, or NUL and an abstract name.
 * @param probe - Connects to the path. Throws `ECONNREFUSED` if no socket is bound to it.
 * @throws The same as `bind`: `EADDRINUSE` if a server uses the path, or the file is not a socket.
 */
export function bindToPath<S>(path: string, bind: () => S, probe: () => void): BoundToPath<S> {
  const socket = bindInPlaceOfStale(path, bind, probe);
  let made = statOf(path);
  const removeFile = (): void => {
    const mine = made;
    made = undefined;
    const present = statOf(path);
    if (mine !== undefined && present?.ino === mine.ino && present.dev === mine.dev) {
      fs.unlinkSync(path);
    }
  };
  return { socket, removeFile };
}

function bindInPlaceOfStale<S>(path: string, bind: () => S, probe: () => void): S {
  try {
    return bind();
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !statOf(path)?.isSocket() || !isRefused(probe)) {
      throw error;
    }
    fs.unlinkSync(path);
    return bind();
  }
}

function isRefused(probe: () => void): boolean {
  try {
    probe();
    return false;
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED';
  }
}

/** Returns `undefined` if there is no file. An abstract name has none. */
function statOf(path: string): Stats | undefined {
  return path.startsWith('\0') ? undefined : fs.lstatSync(path, { throwIfNoEntry: false });
}
