import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export const apiFolder: string = join(import.meta.dirname, '../build/api');

/** Something that a program can import, and that has a page of its own. */
export interface ApiSymbol {
  readonly name: string;
  /** What exports it, such as `@em/devices/pty`. */
  readonly entry: string;
  /** Such as `classes`. */
  readonly kind: string;
  /** The address of its page, such as `/api/sys/classes/EventFd`. */
  readonly address: string;
}

/** The symbols of the latest run of `api/generate.ts`. */
export function readSymbols(): readonly ApiSymbol[] {
  if (!existsSync(apiFolder)) {
    throw new Error('There is no API reference: run api/generate.ts before vitepress');
  }
  return globSync('**/*.md', { cwd: apiFolder, exclude: ['**/index.md'] })
    .sort()
    .map((path) => ({
      name: basename(path, '.md'),
      entry: `@em/${dirname(dirname(path))}`,
      kind: basename(dirname(path)),
      address: `/api/${path.replace(/\.md$/, '')}`,
    }));
}

// The package that programs import comes first: @em/sys exports most of @em/core, too.
const ORDER = ['@em/sys', '@em/core', '@em/streams', '@em/devices', '@em/testing'];

/** Finds the symbol that a page means by a name. A page about a package means the symbol of this package. */
export function createLookup(symbols: readonly ApiSymbol[]): (name: string, page: string) => ApiSymbol | undefined {
  const byName = Map.groupBy(symbols, ({ name }) => name);
  return (name, page) => {
    const own = page.replace(/^packages\/(\w+)\/.*/, '@em/$1');
    const rank = ({ entry }: ApiSymbol): number =>
      entry.startsWith(own) ? -1 : ORDER.findIndex((other) => entry.startsWith(other));
    return byName.get(name)?.toSorted((a, b) => rank(a) - rank(b))[0];
  };
}
