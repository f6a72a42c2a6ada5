import { expect, test } from 'vitest';
import { ScratchTree } from './scratch-tree.js';

test('knip finds an unused file, export and dependency, and nothing else', async () => {
  using tree = new ScratchTree();
  tree.write('packages/core/src/forgotten.ts', 'export const forgotten = 1;\n');
  tree.write(
    'packages/core/test/list-poller.ts',
    `${tree.read('packages/core/test/list-poller.ts')}export const unused = 1;\n`,
  );
  tree.addDevDependency('packages/testing/package.json', 'esbuild', 'catalog:');
  const { stdout } = await tree.run('knip --no-progress');
  expect(stdout.match(/^\S+/gm)).toEqual([
    'Unused',
    'packages/core/src/forgotten.ts',
    'Unused',
    'esbuild',
    'Unused',
    'unused',
  ]);
});
