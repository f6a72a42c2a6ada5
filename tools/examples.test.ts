import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = dirname(import.meta.dirname);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-examples-'));
  for (const name of ['core', 'testing']) {
    execFileSync('pnpm', ['--filter', `@em/${name}`, 'pack', '--pack-destination', folder], { cwd: root });
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Copies an example to a new folder. */
function copy(example: string): string {
  const project = mkdtempSync(join(folder, `${example}-`));
  cpSync(join(root, 'examples', example), project, { recursive: true });
  return project;
}

/** Runs an example in a folder that has only the tarballs of the packages that it uses. */
function run(example: string, packages: readonly string[], script: string): string {
  const project = copy(example);
  if (!packages.includes('testing')) {
    npm(project, ['pkg', 'delete', 'devDependencies']);
  }
  install(project, packages);
  return npm(project, ['run', '--silent', script]);
}

/** Installs packages, and no others, in a project. */
function install(project: string, packages: readonly string[]): void {
  const tarballs = packages.map((name) => globSync(`em-${name}-*.tgz`, { cwd: folder })[0] ?? name);
  const quiet = ['--offline', '--no-audit', '--no-fund', '--no-save'];
  npm(project, ['install', ...quiet, ...tarballs.map((tarball) => join('..', tarball))]);
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['@em']);
  expect(readdirSync(join(project, 'node_modules/@em'))).toEqual([...packages]);
}

/** Runs npm with a clean environment, as from a shell. */
function npm(cwd: string, args: readonly string[]): string {
  const { HOME, PATH } = process.env;
  const env = { HOME, NO_COLOR: '1', PATH: join(root, 'node_modules/.bin') + delimiter + PATH };
  return execFileSync('npm', args, { cwd, env, encoding: 'utf8' });
}

test('the tests of the line reader pass on the fake, with the packed packages', () => {
  expect(run('line-reader', ['core', 'testing'], 'test')).toMatch(/pass 4\n.*fail 0/s);
});

test('the tests of the supervisor pass in virtual time, under node:test and vitest, without @em/sys', () => {
  const project = copy('supervisor');
  npm(project, ['pkg', 'delete', 'dependencies.@em/sys']);
  install(project, ['core', 'testing']);
  expect(npm(project, ['run', '--silent', 'test'])).toMatch(/pass 7\n.*fail 0/s);
  expect(npm(project, ['run', '--silent', 'test:vitest'])).toMatch(/Tests +7 passed/);
});

test('the custom poller runs with @em/core alone', () => {
  expect(run('custom-poller', ['core'], 'start').split('\n').sort()).toEqual([
    '',
    'channel 0: IN',
    'channel 1: IN',
    'channel 2: IN|HANG_UP',
  ]);
});

test('the custom poller passes the contract suite for its capabilities', () => {
  const output = run('custom-poller', ['core', 'testing'], 'test');
  expect(output).toMatch(/fail 0\n/);
  expect(Number(/pass (\d+)\n/.exec(output)?.[1])).toBeGreaterThan(100);
});

test.each([
  ['core', ['core']],
  ['testing', ['core', 'testing']],
])('the program in the README of %s prints what the comments after its waits say', (name, packages) => {
  const project = mkdtempSync(join(folder, 'readme-'));
  install(project, packages);
  const [, program = ''] =
    /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(root, 'packages', name, 'README.md'), 'utf8')) ?? [];
  writeFileSync(join(project, 'main.mts'), program);
  const expected = [...program.matchAll(/^manager\.wait\(.*\/\/ (.*\n)/gm)].map(([, line = '']) => line);
  expect(expected).not.toEqual([]);
  expect(execFileSync(process.execPath, ['main.mts'], { cwd: project, encoding: 'utf8' })).toBe(expected.join(''));
});
