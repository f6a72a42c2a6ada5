// Makes each mutation of the list in a copy of the repository, one at a time, and runs the tests of core and testing on
// it. Prints the mutations that no test notices, which are gaps in the tests, and exits with 1 if there are any.
// argv: words; the mutations are made that have one of them in their `what`. Default: all mutations.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATIONS, type Mutation } from './list.ts';

const ROOT = join(import.meta.dirname, '../..');
const COPIES = 2;
const LIMIT_MS = 120_000;
/** Leaves out tests that measure memory, which are slow, and tests that read docs, which the copy lacks. */
const TESTS = [
  'run',
  '--bail=1',
  '--config=../../vitest.config.ts',
  '--exclude=**/{no-allocation,memory-cycles,custom-poller,testing-doc}.test.ts',
];

/** The commands to run in a copy, in order. If one fails, it caught the mutation. */
const CHECKS: readonly (readonly [folder: string, ...command: string[]])[] = [
  ['packages/core', 'tsup', 'src/index.ts', 'src/check.ts', 'src/fd-owner.ts', '--format', 'esm', '--silent'],
  ['packages/core', 'vitest', ...TESTS],
  [
    'packages/testing',
    'tsup',
    '--entry.index',
    'src/index.ts',
    '--entry.contract',
    'src/contract/index.ts',
    '--entry.trace',
    'src/trace/index.ts',
    '--format',
    'esm',
    '--silent',
  ],
  ['packages/testing', 'vitest', ...TESTS],
];

const started = performance.now();
const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ what }) => words.length === 0 || words.some((word) => what.includes(word)));
const queue = [...chosen];
const missed: Mutation[] = [];
let done = 0;

await Promise.all(Array.from({ length: COPIES }, work));
const seconds = Math.round((performance.now() - started) / 1000);
for (const { what, file } of missed) {
  console.log(`missed: ${what} (${file})`);
}
console.log(`${chosen.length - missed.length}/${chosen.length} caught in ${seconds} s`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), 'em-mutations-'));
  try {
    await copyTree(copy);
    const failure = await firstFailure(copy);
    if (failure !== undefined) {
      throw new Error(`The tests fail without a mutation: ${failure.by}\n${failure.output}`);
    }
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      await tryOut(mutation, copy);
    }
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function copyTree(copy: string): Promise<void> {
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const file of ['vitest.config.ts', 'tsconfig.base.json', 'tsconfig.test.json']) {
    await cp(join(ROOT, file), join(copy, file));
  }
  for (const folder of ['packages/core', 'packages/testing']) {
    await cp(join(ROOT, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true });
  }
}

async function tryOut({ what, file, find, replace }: Mutation, copy: string): Promise<void> {
  const path = join(copy, file);
  const original = await readFile(path, 'utf8');
  if (original.split(find).length !== 2) {
    throw new Error(`The text to replace for "${what}" is not in ${file} exactly once:\n${find}`);
  }
  await writeFile(
    path,
    original.replace(find, () => replace),
  );
  const failure = await firstFailure(copy, file);
  await writeFile(path, original);
  if (failure === undefined) {
    missed.push({ what, file, find, replace });
  }
  const outcome = failure === undefined ? 'MISSED' : `caught by ${failure.by}`;
  console.log(`[${++done}/${chosen.length}] ${outcome}: ${what}`);
}

/** The first check that fails or times out. With a file, those are left out that cannot notice a change of it. */
async function firstFailure(copy: string, file = ''): Promise<{ by: string; output: string } | undefined> {
  const isInTesting = file.startsWith('packages/testing/');
  for (const [folder, tool, ...args] of CHECKS.filter(([folder]) => !isInTesting || folder === 'packages/testing')) {
    const child = spawn(join(ROOT, folder, 'node_modules/.bin', tool ?? ''), args, {
      cwd: join(copy, folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    const limit = setTimeout(() => killGroup(child), LIMIT_MS);
    const [code] = await once(child, 'close');
    clearTimeout(limit);
    if (code !== 0) {
      return { by: `${folder} (${tool})`, output };
    }
  }
  return undefined;
}

function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) {
    process.kill(-child.pid, 'SIGKILL');
  }
}
