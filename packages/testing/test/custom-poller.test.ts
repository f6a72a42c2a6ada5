import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const example = join(root, 'examples/custom-poller');

test('the custom poller and its test compile in a project that has the packages installed', async () => {
  const project = mkdtempSync(join(tmpdir(), 'em-custom-poller-'));
  cpSync(example, project, { recursive: true });
  for (const [path, target] of [
    ['@em/core', 'packages/core'],
    ['@em/testing', 'packages/testing'],
    ['@types/node', 'packages/testing/node_modules/@types/node'],
  ] as const) {
    const link = join(project, 'node_modules', path);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, target), link);
  }
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  const ofNode = ['--allowImportingTsExtensions', '--erasableSyntaxOnly'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, ...options, ...ofNode, 'main.ts', 'poller.test.ts'];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: project });
  } finally {
    rmSync(project, { recursive: true });
  }
});
