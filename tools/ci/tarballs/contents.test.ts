import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { choose, ECHO_SERVER } from './package-sets.ts';
import { type Manifest, Tarball } from './tarball.ts';

const root = join(import.meta.dirname, '../../..');

const PACKAGES = [
  { name: '@em/core', folder: 'packages/core', types: true, more: [], others: [], limit: 140_000 },
  { name: '@em/devices', folder: 'packages/devices', types: true, more: [], others: [], limit: 200_000 },
  { name: '@em/streams', folder: 'packages/streams', types: true, more: [], others: [], limit: 50_000 },
  {
    name: '@em/testing',
    folder: 'packages/testing',
    types: true,
    more: [],
    others: [],
    limit: 340_000,
  },
  {
    name: '@em/sys',
    folder: 'packages/sys',
    types: true,
    more: [
      'dist/load-addon.js',
      'dist/load-addon.js.map',
      'native/binding.gyp',
      'native/build.js',
      'native/exports.map',
      'native/gyp.js',
      'native/prebuild.js',
      ...tracked('packages/sys', 'native/src'),
      'prebuilds/linux-arm64.node',
      'prebuilds/linux-x64.node',
    ],
    others: [],
    limit: 500_000,
  },
  {
    name: '@em/echo-server',
    folder: 'apps/echo-server',
    types: false,
    more: [
      'dist/LICENSE-commander',
      'dist/LICENSE-logtape',
      'dist/em-echo-server.1',
      'dist/main.js',
      'dist/main.js.map',
      'dist/worker.js',
      'dist/worker.js.map',
      'docs/em-echo-server.1.md',
      'systemd/em-echo-server.service',
      'systemd/em-echo-server.socket',
    ],
    others: [],
    limit: 220_000,
  },
];

describe.each(PACKAGES)('$name', ({ name, folder, types, more, others, limit }) => {
  let tarball: Tarball;
  beforeAll(() => {
    tarball = new Tarball(inject('tarballs')[name] ?? '');
  });
  afterAll(() => {
    tarball[Symbol.dispose]();
  });

  test('contains its build, sources, changelog and licences, and nothing else', () => {
    const sources = tracked(folder, 'src');
    const declarations = types ? sources.map((file) => file.replace(/^src(.*)\.ts$/, 'dist$1.d.ts')) : [];
    const built = [...entryPoints(tarball.manifest), ...declarations];
    // The first version creates it.
    const changelog = existsSync(join(root, folder, 'CHANGELOG.md')) ? ['CHANGELOG.md'] : [];
    const expected = [
      ...changelog,
      'LICENSE-APACHE',
      'LICENSE-BSD-3-Clause',
      'NOTICE',
      'README.md',
      'package.json',
      ...sources,
      ...built.flatMap((file) => [file, `${file}.map`]),
      ...more,
    ];
    // Code that several entries share is in chunks, named by a hash.
    const isShared = (file: string): boolean => /^dist\/chunk-\w+\.js(\.map)?$/.test(file);
    expect(tarball.files.filter((file) => !isShared(file))).toEqual(expected.sort());
  });

  test('its readme has no relative link, which would lead to nothing in the package', () => {
    const links = [...tarball.read('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(1);
    expect(links.filter((link) => !/^(https:\/\/|#)/.test(link))).toEqual([]);
  });

  test('has no script that an installer would run', () => {
    const { scripts = {} } = tarball.manifest;
    expect(Object.keys(scripts).filter((script) => /install|^prepare$|^prepublish$/.test(script))).toEqual([]);
    expect(tarball.files).not.toContain('binding.gyp');
  });

  test('depends on packages of its own scope, and on a known list of others', () => {
    const { dependencies = {} } = tarball.manifest;
    expect(Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@em/'))).toEqual(others);
    for (const range of Object.values(dependencies)) {
      expect(range).toMatch(/^\^?\d+\.\d+\.\d+$/);
    }
  });

  test('lists the types of each export first, and exports its manifest', () => {
    const { type, sideEffects, exports } = tarball.manifest;
    expect({ type, sideEffects }).toEqual({ type: 'module', sideEffects: false });
    const { './package.json': manifest, ...modules } = exports;
    expect(manifest).toBe('./package.json');
    for (const target of Object.values(modules)) {
      expect(Object.keys(target)).toEqual(['types', 'default']);
      expect(tarball.files).toEqual(expect.arrayContaining(Object.values(target).map(normalize)));
    }
  });

  test('source maps name sources that the package contains, except those of other packages', () => {
    const maps = tarball.files.filter((file) => /^dist\/.*\.map$/.test(file));
    expect(maps).not.toEqual([]);
    for (const map of maps) {
      const { sources } = JSON.parse(tarball.read(map)) as { sources: readonly string[] };
      for (const source of sources.map((path) => normalize(join(dirname(map), path)))) {
        expect(
          source.startsWith('../') || /^node_modules\//.test(source) || tarball.files.includes(source),
          source,
        ).toBe(true);
      }
    }
  });

  test(`has at most ${limit / 1000} kB`, () => {
    expect(statSync(inject('tarballs')[name] ?? '').size).toBeLessThanOrEqual(limit);
  });
});

test('man(1) finds the page of the echo server after `npm install --global`', () => {
  const prefix = mkdtempSync(join(tmpdir(), 'em-global-'));
  try {
    const tarballs = Object.values(choose(inject('tarballs'), ECHO_SERVER));
    execFileSync('npm', [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--offline',
      '--no-audit',
      '--no-fund',
      ...tarballs,
    ]);
    expect(readFileSync(join(prefix, 'share/man/man1/em-echo-server.1'), 'utf8')).toMatch(
      /^\.TH "EM-ECHO-SERVER" "1"/m,
    );
  } finally {
    rmSync(prefix, { recursive: true });
  }
});

/** The files that run: by an import, or as a command. */
function entryPoints({ exports, bin = {} }: Manifest): string[] {
  const modules = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target['default'] ?? ''],
  );
  return [...modules, ...Object.values(bin)].map((path) => normalize(path));
}

function tracked(folder: string, path: string): string[] {
  return execFileSync('git', ['ls-files', path], { cwd: join(root, folder), encoding: 'utf8' })
    .trim()
    .split('\n');
}
