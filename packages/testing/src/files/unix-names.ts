import { checkOptions, invalidType, outOfRange } from '@em/core/check';
import { systemError } from '../errors.js';
import { isBytes } from './arguments.js';
import type { OpenFile } from './open-file.js';

const MAX_PATH_BYTES = 107;
const MAX_ABSTRACT_BYTES = 108;

/** The path of a unix socket, or its abstract name, which begins with a NUL: the `UnixName` of `@em/sys`. */
export type FakeUnixName = string | Buffer;

/** The address of a unix socket: the `UnixAddress` of `@em/sys`. */
export interface FakeUnixAddress {
  /** A path of 1 to 107 bytes, or a NUL and an abstract name of up to 107 bytes. */
  readonly path: string | Uint8Array;
}

interface Place {
  readonly name: FakeUnixName;
  /** `undefined` once the socket is closed: its file stays. */
  file: OpenFile | undefined;
}

/** The names of unix sockets. A path stays taken after its socket is closed, until it is unlinked. */
export class UnixNames {
  readonly #places = new Map<string, Place>();

  /** Takes a name for a socket. @throws SystemError `EADDRINUSE`. */
  bind(path: string | Uint8Array, file: OpenFile): FakeUnixName {
    const { key, name } = checkPath(path);
    if (this.#places.has(key)) {
      throw systemError('EADDRINUSE', 'bind');
    }
    this.#places.set(key, { name, file });
    return name;
  }

  /** @throws SystemError `ENOENT` if there is no such file, `ECONNREFUSED` if no socket is bound there. */
  find(path: string | Uint8Array, syscall: string): { readonly file: OpenFile; readonly name: FakeUnixName } {
    const { key } = checkPath(path);
    const place = this.#places.get(key);
    if (place?.file === undefined) {
      throw systemError(place === undefined && !isAbstract(key) ? 'ENOENT' : 'ECONNREFUSED', syscall);
    }
    return { file: place.file, name: place.name };
  }

  /** A socket is closed. Its path may belong to another one by now. */
  release(file: OpenFile): void {
    for (const [key, place] of this.#places) {
      if (place.file === file) {
        place.file = undefined;
        if (isAbstract(key)) {
          this.#places.delete(key);
        }
      }
    }
  }

  /** Removes a path. Returns `false` if there is no such path. */
  unlink(path: string | Uint8Array): boolean {
    return this.#places.delete(checkPath(path).key);
  }
}

/** Checks the options of a bind or connect that has only a path. */
export function pathOf(options: FakeUnixAddress): string | Uint8Array {
  return checkOptions('options', options, ['path']).path;
}

/** Checks a path, and returns it as a name, and as a key that is equal for equal paths. */
export function checkPath(path: string | Uint8Array): { readonly key: string; readonly name: FakeUnixName } {
  if (typeof path !== 'string' && !isBytes(path)) {
    throw invalidType('path', 'a string or a Uint8Array', path);
  }
  const bytes = typeof path === 'string' ? new TextEncoder().encode(path) : path;
  const key = String.fromCharCode(...bytes);
  const max = isAbstract(key) ? MAX_ABSTRACT_BYTES : MAX_PATH_BYTES;
  if (bytes.length === 0 || bytes.length > max || (!isAbstract(key) && key.includes('\0'))) {
    throw outOfRange('path', 'a path of 1 to 107 bytes, or NUL and an abstract name of up to 107 bytes', path);
  }
  return { key, name: nameOf(bytes) };
}

/** Returns a name as text, or as bytes if it is not UTF-8. */
function nameOf(bytes: Uint8Array): FakeUnixName {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes);
  }
}

function isAbstract(key: string): boolean {
  return key.startsWith('\0');
}
