import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const example = join(root, 'examples/custom-poller');
const doc = readFileSync(join(root, 'docs/poller-contract.md'), 'utf8');
const testInDoc = /^```ts\n(import \{ describe, test \} from 'node:test';\n.*?)^```$/ms.exec(doc)?.[1] ?? '';
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'em-custom-poller-'));
  cpSync(example, project, { recursive: true });
  writeFileSync(join(project, 'contract.test.ts'), testInDoc);
  link('node_modules/@em/core', 'packages/core');
  link('node_modules/@em/testing', 'packages/testing');
  link('node_modules/@types/node', 'packages/testing/node_modules/@types/node');
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

describe('the poller of one’s own in docs/poller-contract.md', () => {
  test('is that of the example', () => {
    expect(doc).toContain(`\`\`\`ts\n${readFileSync(join(example, 'poller.ts'), 'utf8')}\`\`\`\n`);
  });

  test('tells a thread what another one raises', async () => {
    const { stdout } = await node('main.ts');
    expect(stdout).toBe('channel 0: IN\nchannel 1: IN\nchannel 2: IN|HANG_UP\n');
  });

  test('passes the contract suite under node:test, but for what it says it lacks', async () => {
    const { stdout } = await node('--test', '--test-reporter=tap', 'contract.test.ts');
    expect(stdout).toMatch(/^# fail 0$/m);
    const lacking = [...stdout.matchAll(/\(skipped: no (.*)\) # SKIP/g)].flatMap(([, names]) => names?.split(', no '));
    const lacks = ['edge-triggered', 'exclusive', 'out', 'closing', 'fd-reuse', 'rebuild', 'dup', 'interrupt'];
    expect(new Set(lacking)).toEqual(new Set(lacks));
  });

  test('compiles, and its test too', async () => {
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const ofNode = ['--allowImportingTsExtensions', '--erasableSyntaxOnly'];
    await node(join(root, 'node_modules/typescript/bin/tsc'), ...options, ...ofNode, 'main.ts', 'contract.test.ts');
  });
});

function node(...args: string[]): Promise<{ stdout: string }> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined };
  return promisify(execFile)(process.execPath, args, { cwd: project, env });
}

/** As if it had been installed. */
function link(path: string, target: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  symlinkSync(join(root, target), join(project, path));
}
