import { lstatSync, type Stats, unlinkSync } from 'node:fs';
import { codeOf } from '../error-facts.js';

/** A socket that is bound to a path or an abstract name. */
export interface BoundToPath<S> {
  readonly socket: S;
  /** Removes the file at the path, unless there is none, or another has taken its place. */
  readonly removeFile: () => void;
}

/**
 * Binds a unix socket. At a path that makes a file, which stays when the socket is gone: one that is a socket and that
 * nobody answers on is removed first.
 *
 * @param path - A path, or NUL and an abstract name.
 * @param knock - Connects to the path. Throws `ECONNREFUSED` if nobody is there.
 * @throws What `bind` throws: `EADDRINUSE` where somebody answers, or there is some other file.
 */
export function bindToPath<S>(path: string, bind: () => S, knock: () => void): BoundToPath<S> {
  const socket = bindInPlaceOfStale(path, bind, knock);
  const made = statOf(path);
  const removeFile = (): void => {
    const present = statOf(path);
    if (made !== undefined && present?.ino === made.ino && present.dev === made.dev) {
      unlinkSync(path);
    }
  };
  return { socket, removeFile };
}

function bindInPlaceOfStale<S>(path: string, bind: () => S, knock: () => void): S {
  try {
    return bind();
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || !statOf(path)?.isSocket() || !isRefused(knock)) {
      throw error;
    }
    unlinkSync(path);
    return bind();
  }
}

function isRefused(knock: () => void): boolean {
  try {
    knock();
    return false;
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED';
  }
}

/** `undefined` where there is no file, as behind an abstract name. */
function statOf(path: string): Stats | undefined {
  return path.startsWith('\0') ? undefined : lstatSync(path, { throwIfNoEntry: false });
}
