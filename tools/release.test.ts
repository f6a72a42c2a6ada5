import { cpSync, existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { ScratchTree } from './scratch-tree.js';

const root = dirname(import.meta.dirname);

interface Versioned {
  readonly version: string;
}

const FOLDERS = [
  'packages/core',
  'packages/devices',
  'packages/streams',
  'packages/sys',
  'packages/testing',
  'apps/echo-server',
  'packages/bench',
];

/** Runs `changeset version` in a copy, and returns the versions and changelogs. */
async function releaseFrom(changesets: Readonly<Record<string, string>>): Promise<{
  readonly versions: Readonly<Record<string, string>>;
  readonly changelog: (folder: string) => string;
}> {
  using tree = new ScratchTree();
  const read = (path: string): string =>
    existsSync(join(tree.path, path)) ? readFileSync(join(tree.path, path), 'utf8') : '';
  cpSync(join(root, '.changeset/config.json'), join(tree.path, '.changeset/config.json'));
  for (const [name, text] of Object.entries(changesets)) {
    tree.write(`.changeset/${name}`, text);
  }
  // It reads the commit of each changeset.
  const commit = 'git -c user.name=a -c user.email=a@example.com commit --quiet --message all';
  const { failed, output } = await tree.run(`git init --quiet && git add . && ${commit} && changeset version`);
  expect(failed, output).toBe(false);
  const versions = FOLDERS.map((folder) => [folder, (JSON.parse(read(`${folder}/package.json`)) as Versioned).version]);
  const changelogs = new Map(FOLDERS.map((folder) => [folder, read(`${folder}/CHANGELOG.md`)]));
  return { versions: Object.fromEntries(versions), changelog: (folder) => changelogs.get(folder) ?? '' };
}

test('each package gets its own version and changelog', async () => {
  const { versions, changelog } = await releaseFrom({
    'one.md': "---\n'@em/testing': minor\n---\n\nIt can do more.\n",
    'two.md': "---\n'@em/echo-server': patch\n---\n\nIt does what it did, but right.\n",
  });
  expect(versions).toEqual({
    'packages/core': '0.0.0',
    'packages/devices': '0.0.0',
    'packages/streams': '0.0.0',
    'packages/sys': '0.0.0',
    'packages/testing': '0.1.0',
    'apps/echo-server': '0.0.1',
    'packages/bench': '0.0.0',
  });
  expect(changelog('packages/testing')).toMatch(/## 0\.1\.0\n\n### Minor Changes\n\n- .*It can do more\./);
  expect(changelog('apps/echo-server')).toMatch(/## 0\.0\.1\n\n### Patch Changes\n\n- .*but right\./);
  expect(changelog('packages/core')).toBe('');
});

test('before 1.0, a new minor version of a package gives its dependents a new version', async () => {
  const { versions, changelog } = await releaseFrom({ 'one.md': "---\n'@em/core': minor\n---\n\nIt can do more.\n" });
  expect(versions).toMatchObject({
    'packages/core': '0.1.0',
    'packages/sys': '0.0.1',
    'packages/testing': '0.0.1',
    'apps/echo-server': '0.0.1',
  });
  expect(changelog('packages/sys')).toMatch('@em/core@0.1.0');
});

test('the changesets of this repository make a release', async () => {
  const files = globSync('*.md', { cwd: join(root, '.changeset'), exclude: ['README.md'] });
  const texts = files.map((name) => [name, readFileSync(join(root, '.changeset', name), 'utf8')]);
  const { versions } = await releaseFrom(Object.fromEntries(texts));
  expect(versions['packages/bench']).toBe('0.0.0');
});

test('a package with a version is packed only with its changelog', async () => {
  using tree = new ScratchTree();
  tree.pretendBuilt();
  const pack = async (): Promise<{ failed: boolean; output: string }> =>
    tree.run('cd packages/core && pnpm pack --json --pack-destination .');
  expect((await pack()).output).not.toMatch('CHANGELOG.md');

  tree.write('packages/core/package.json', tree.read('packages/core/package.json').replace('"0.0.0"', '"0.1.0"'));
  expect(await pack()).toMatchObject({ failed: true, output: expect.stringMatching('without CHANGELOG.md') });

  tree.write('packages/core/CHANGELOG.md', '# @em/core\n');
  expect(await pack()).toMatchObject({ failed: false, output: expect.stringMatching('"CHANGELOG.md"') });
});

test('a package that names another repository is not published', async () => {
  using tree = new ScratchTree();
  tree.pretendBuilt();
  const { output } = await tree.run(
    'pnpm --dir packages/core pack --pack-destination "$PWD" &&' +
      'GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=someone/else node tools/ci/publish.ts em-core-0.0.0.tgz',
  );
  expect(output).toMatch(
    `@em/core is published from git+https://github.com/someone/else.git, but its manifest names ${manifest.repository.url}`,
  );
});
