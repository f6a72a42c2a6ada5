// Where things are: the files of the repository, the repository itself, and the site.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly homepage: string;
  readonly repository: { readonly url: string };
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const readManifest = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
const manifest = readManifest('package.json');

export const repositoryUrl: string = manifest.repository.url.replace(/^git\+(.*)\.git$/, '$1');

/** The address of the site, with a slash at its end. */
export const siteUrl: string = manifest.homepage;

/** The path of the site on its host, such as `/event-manager/`. */
export const base: string = new URL(siteUrl).pathname;

export interface EntryPoint {
  /** What programs import, such as `@em/devices/pty`. */
  readonly name: string;
  /** Relative to the root of the repository. */
  readonly source: string;
}

/** All that programs can import, of all published packages. */
export const entryPoints: readonly EntryPoint[] = globSync('packages/*/package.json', { cwd: root })
  .sort()
  .flatMap((path) => {
    const { name, private: isPrivate = false, exports = {} } = readManifest(path);
    return isPrivate
      ? []
      : Object.entries(exports).flatMap(([key, target]) =>
          typeof target === 'string'
            ? []
            : {
                name: join(name, key),
                source: join(path, '..', target.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts')),
              },
        );
  });
