import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import rootManifest from '../package.json' with { type: 'json' };

const root = dirname(import.meta.dirname);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license: string;
  readonly homepage: string;
  readonly bugs: string;
  readonly keywords: readonly string[];
  readonly description: string;
  readonly repository: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

const published = globSync('{packages,apps}/*/package.json', { cwd: root })
  .map(dirname)
  .sort()
  .filter((folder) => !readManifest(folder).private);
const { homepage, repository, license } = rootManifest;
const url = repository.url.replace(/^git\+(.*)\.git$/, '$1');

test('the list of published packages is complete', () => {
  expect(published).toEqual([
    'apps/echo-server',
    'packages/core',
    'packages/devices',
    'packages/streams',
    'packages/sys',
    'packages/testing',
  ]);
});

describe.each(published)('the manifest of %s', (folder) => {
  const manifest = readManifest(folder);

  test('names its page on the site, and this repository, as npm requires for provenance', () => {
    expect(url).toMatch(/^https:\/\/github\.com\/[^/]+\/[^/]+$/);
    expect(manifest).toMatchObject({
      license,
      homepage: `${homepage}${folder}/`,
      bugs: `${url}/issues`,
      keywords: expect.arrayContaining(['epoll']),
      description: expect.stringMatching(/^.{20,160}$/),
      repository: { ...repository, directory: folder },
    });
  });

  test('requires the same version of Node as all others', () => {
    expect(manifest.engines).toEqual(readManifest('packages/core').engines);
  });

  test('lists the changelog and the licences among its files', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE-*', 'NOTICE']));
  });
});
