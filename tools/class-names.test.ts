import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const packages = join(import.meta.dirname, '../packages');

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly default?: string } | string>>;
}

/** The modules of a built package, by the path that users import. */
async function modulesOf(folder: string): Promise<[string, Record<string, unknown>][]> {
  const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports).flatMap(([path, entry]) =>
    typeof entry === 'object' && entry.default !== undefined ? [[path, entry.default] as const] : [],
  );
  return await Promise.all(
    entries.map(async ([path, file]) => [path, await import(join(packages, folder, file))] as const),
  );
}

test.each(['core', 'devices', 'sys', 'testing'])(
  'every class of @em/%s has the name that users import it by',
  async (folder) => {
    const classes = (await modulesOf(folder)).flatMap(([, module]) =>
      Object.entries(module).filter(([, value]) => String(value).startsWith('class')),
    );
    expect(classes.length).toBeGreaterThan(0);
    expect(classes.map(([, value]) => (value as { name: string }).name)).toEqual(classes.map(([name]) => name));
  },
);

test.each(['core', 'devices', 'streams', 'sys', 'testing'])(
  'no class of @em/%s has a name of the bundler',
  async (folder) => {
    for (const [, module] of await modulesOf(folder)) {
      for (const value of Object.values(module)) {
        expect(String(value)).not.toMatch(/\bclass _|\bnew _[A-Z]/);
      }
    }
  },
);
