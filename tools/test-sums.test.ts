import { expect, test } from 'vitest';
import { ScratchTree } from './scratch-tree.js';

const packages = ['bench', 'core', 'sys', 'testing'].map((name) => `packages/${name}`);
const folders = ['.', 'apps/echo-server', ...packages, 'tools/ci/runtimes', 'tools/ci/sanitize', 'tools/ci/tarballs'];
const all = folders.length;

test('the sums are those of all reports together, and the names of what was skipped are printed', async () => {
  using tree = new ScratchTree();
  for (const folder of folders) {
    writeReport(tree, folder, { status: 'passed', tests: ['passed', 'skipped', 'passed', 'todo'] });
  }
  const names = folders.flatMap((folder) => [`skipped: ${folder} 1\n`, `skipped: ${folder} 3\n`]);
  const stdout = `${names.join('')}${2 * all} passed, 0 failed, ${2 * all} skipped\n`;
  expect(await printSums(tree)).toEqual({ failed: false, stdout });
});

test('one failed test among many fails the run', async () => {
  using tree = new ScratchTree();
  for (const folder of folders) {
    writeReport(tree, folder, { status: 'passed', tests: ['passed'] });
  }
  writeReport(tree, 'packages/sys', { status: 'failed', tests: ['passed', 'failed'] });
  expect(await printSums(tree)).toEqual({ failed: true, stdout: `${all} passed, 1 failed\n` });
});

test('a file that failed before its first test counts as one failure', async () => {
  using tree = new ScratchTree();
  for (const folder of folders) {
    writeReport(tree, folder, { status: 'passed', tests: ['passed'] });
  }
  writeReport(tree, 'packages/core', { status: 'failed', tests: [] });
  expect(await printSums(tree)).toEqual({ failed: true, stdout: `${all - 1} passed, 1 failed\n` });
});

test('a package whose tests left no report fails the run', async () => {
  using tree = new ScratchTree();
  for (const folder of folders.slice(1)) {
    writeReport(tree, folder, { status: 'passed', tests: ['passed'] });
  }
  expect(await printSums(tree)).toEqual({ failed: true, stdout: `${all - 1} passed, 0 failed\n` });
});

test('a run without a test fails', async () => {
  using tree = new ScratchTree();
  for (const folder of folders) {
    writeReport(tree, folder, { status: 'passed', tests: [] });
  }
  expect(await printSums(tree)).toEqual({ failed: true, stdout: '0 passed, 0 failed\n' });
});

function writeReport(tree: ScratchTree, folder: string, file: { status: string; tests: readonly string[] }): void {
  const assertionResults = file.tests.map((status, index) => ({ status, fullName: `${folder} ${index}` }));
  const report = { testResults: [{ status: file.status, assertionResults }] };
  tree.write(`${folder}/test-report.json`, JSON.stringify(report));
}

async function printSums(tree: ScratchTree): Promise<{ failed: boolean; stdout: string }> {
  const { failed, stdout } = await tree.run('node tools/test-sums.ts');
  return { failed, stdout };
}
