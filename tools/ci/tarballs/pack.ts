import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Manifest } from './tarball.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of the tarball of each package, by name. */
    readonly tarballs: Readonly<Record<string, string>>;
    /** The tarballs of the packages of others that they depend on, by name. */
    readonly others: Readonly<Record<string, string>>;
  }
}

const root = join(import.meta.dirname, '../../..');

/** Packs every published package, once for all tests. */
export function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'em-tarballs-'));
  const tarballs: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const path of globSync('{packages,apps}/*/package.json', { cwd: root }).sort()) {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest & { private?: boolean };
    if (manifest.private === true) {
      continue;
    }
    tarballs[manifest.name] = packOne(manifest.name, folder);
    for (const name of Object.keys(manifest.dependencies ?? {}).filter((key) => !key.startsWith('@em/'))) {
      others[name] = packInstalled(join(root, dirname(path), 'node_modules', name), folder);
    }
  }
  provide('tarballs', tarballs);
  provide('others', others);
  return () => rmSync(folder, { recursive: true });
}

/** Packs one published package. Returns the path of the tarball. */
export function packOne(name: string, folder: string): string {
  const args = ['--silent', '--filter', name, 'pack', '--json', '--pack-destination', folder];
  const { filename } = JSON.parse(execFileSync('pnpm', args, { cwd: root, encoding: 'utf8' })) as { filename: string };
  return filename;
}

/** Packs an installed package into a tarball again. */
export function packInstalled(installed: string, folder: string): string {
  const tarball = join(mkdtempSync(join(folder, 'other-')), 'package.tgz');
  execFileSync('tar', [
    '-czf',
    tarball,
    '--transform=s,^[.],package,',
    '--exclude=./node_modules',
    '-C',
    installed,
    '.',
  ]);
  return tarball;
}
