import { expect, test } from 'vitest';
import { ScratchTree } from './scratch-tree.js';

interface Tarball {
  readonly name: string;
  readonly files: readonly { readonly path: string }[];
}

test('every published package brings its licences and the notice', async () => {
  using tree = new ScratchTree();
  const { stdout } = await tree.run("pnpm --recursive --filter='!@em/bench' pack --dry-run --json");

  const tarballs = JSON.parse(stdout) as Tarball[];
  expect(tarballs.map(({ name }) => name).sort()).toEqual(['@em/core', '@em/echo-server', '@em/sys', '@em/testing']);
  for (const { name, files } of tarballs) {
    const paths = files.map(({ path }) => path);
    expect(paths, name).toEqual(expect.arrayContaining(['LICENSE-APACHE', 'LICENSE-BSD-3-Clause', 'NOTICE']));
  }
});
