import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { installInstallers } from './installers.ts';
import { choose } from './package-sets.ts';
import { BUNDLERS, installBundlers } from './programs.ts';
import { Stranger } from './stranger.ts';

const PROGRAM = `
import { EventFd } from '@em/sys';
try {
  new EventFd().close();
  console.log('works');
} catch (error) {
  console.log(error.message);
}`;

const SNAPSHOT_PROGRAM = `
import v8 from 'node:v8';
import { EventFd } from '@em/sys';
v8.startupSnapshot.setDeserializeMainFunction(() => {
  new EventFd().close();
  console.log('works');
});`;

const [npm] = installInstallers();
const stranger = new Stranger();
const bun = join(BUNDLERS, `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}/bin/bun`);
let project: string;
/** The folder where the bundle is deployed: it can reach no package. */
let deployed: string;

beforeAll(async () => {
  installBundlers();
  project = await stranger.install(npm, choose(inject('tarballs'), ['@em/core', '@em/sys']));
  writeFileSync(join(project, 'main.mjs'), PROGRAM);
  writeFileSync(join(project, 'snapshot.mjs'), SNAPSHOT_PROGRAM);
  deployed = mkdtempSync(join(tmpdir(), 'em-bundle-'));
});
afterAll(() => {
  stranger[Symbol.dispose]();
  rmSync(deployed, { recursive: true });
});

interface Row {
  /** Builds into the folder `out` of the project. */
  readonly build: (out: string) => void;
  /** The command that runs the bundle, in `out`. */
  readonly command: readonly string[];
  /** What you must do, according to `docs/bundlers.md`. */
  readonly todo: 'nothing' | 'copy prebuilds';
}

const node = (...args: readonly string[]): void => {
  execFileSync(process.execPath, args, { cwd: project, stdio: 'pipe' });
};

function esbuild(entry: string, format: 'esm' | 'cjs', outfile: string): void {
  const flags = ['--bundle', '--platform=node', `--format=${format}`, '--log-level=error', `--outfile=${outfile}`];
  node(join(BUNDLERS, 'esbuild/bin/esbuild'), entry, ...flags);
}

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const ROWS: Readonly<Record<string, Row>> = {
  'webpack 5': {
    build: (out) => {
      const options = { context: project, entry: './main.mjs', target: 'node', mode: 'production' };
      const output = { path: out, filename: 'main.cjs' };
      const done = '(error, stats) => { if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? stats; }';
      const webpack = JSON.stringify(join(BUNDLERS, 'webpack'));
      node('-e', `require(${webpack})(${JSON.stringify({ ...options, output })}, ${done})`);
    },
    command: [process.execPath, 'main.cjs'],
    todo: 'nothing',
  },
  ncc: {
    build: (out) => node(join(BUNDLERS, '@vercel/ncc/dist/ncc/cli.js'), 'build', 'main.mjs', '-o', out),
    command: [process.execPath, 'index.mjs'],
    todo: 'nothing',
  },
  nft: {
    build: (out) => {
      const script = `
        const { fileList } = await (await import(${JSON.stringify(join(BUNDLERS, '@vercel/nft/out/index.js'))})).nodeFileTrace(['main.mjs']);
        const { cpSync } = await import('node:fs');
        for (const file of fileList) cpSync(file, ${JSON.stringify(out)} + '/' + file);`;
      node('--input-type=module', '-e', script);
    },
    command: [process.execPath, 'main.mjs'],
    todo: 'nothing',
  },
  'esbuild, ESM': {
    build: (out) => esbuild('main.mjs', 'esm', join(out, 'main.mjs')),
    command: [process.execPath, 'main.mjs'],
    todo: 'copy prebuilds',
  },
  'esbuild, CommonJS': {
    build: (out) => esbuild('main.mjs', 'cjs', join(out, 'main.cjs')),
    command: [process.execPath, 'main.cjs'],
    todo: 'copy prebuilds',
  },
  Rollup: {
    build: (out) => {
      const plugin = join(BUNDLERS, '@rollup/plugin-node-resolve');
      node(join(BUNDLERS, 'rollup/dist/bin/rollup'), 'main.mjs', '-p', plugin, '-o', join(out, 'main.mjs'));
    },
    command: [process.execPath, 'main.mjs'],
    todo: 'copy prebuilds',
  },
  'Vite, SSR': {
    build: (out) => {
      const config = { ssr: { noExternal: true }, build: { ssr: 'main.mjs', outDir: out } };
      writeFileSync(join(project, 'vite.config.mjs'), `export default ${JSON.stringify(config)}`);
      node(join(BUNDLERS, 'vite/bin/vite.js'), 'build');
    },
    command: [process.execPath, 'main.mjs'],
    todo: 'copy prebuilds',
  },
  'bun build': {
    build: (out) => {
      const flags = ['--target=node', '--outfile', join(out, 'main.mjs')];
      execFileSync(bun, ['build', 'main.mjs', ...flags], { cwd: project, stdio: 'pipe' });
    },
    command: [process.execPath, 'main.mjs'],
    todo: 'copy prebuilds',
  },
  'single executable': {
    build: (out) => {
      esbuild('main.mjs', 'cjs', 'sea.cjs');
      const config = { main: 'sea.cjs', output: 'sea.blob', disableExperimentalSEAWarning: true };
      writeFileSync(join(project, 'sea.json'), JSON.stringify(config));
      node('--experimental-sea-config', 'sea.json');
      const program = join(out, 'program');
      mkdirSync(out, { recursive: true });
      copyFileSync(process.execPath, program);
      chmodSync(program, 0o755);
      const postject = join(BUNDLERS, 'postject/dist/cli.js');
      node(postject, program, 'NODE_SEA_BLOB', 'sea.blob', '--sentinel-fuse', FUSE);
    },
    command: ['./program'],
    todo: 'copy prebuilds',
  },
  'start-up snapshot': {
    build: (out) => {
      esbuild('snapshot.mjs', 'cjs', join(out, 'main.cjs'));
      const flags = ['--snapshot-blob', join(out, 'blob'), '--build-snapshot'];
      node(...flags, join(out, 'main.cjs'));
    },
    command: [process.execPath, '--snapshot-blob', 'blob'],
    todo: 'copy prebuilds',
  },
};

test.each(Object.entries(ROWS))('%s: the deployed bundle works', (name, { build, command, todo }) => {
  const out = join(deployed, name.replaceAll(/\W+/g, '-'), 'out');
  build(out);
  if (todo === 'copy prebuilds') {
    cpSync(join(project, 'node_modules/@em/sys/prebuilds'), join(dirname(out), 'prebuilds'), { recursive: true });
  }
  const [file = '', ...args] = command;
  expect(execFileSync(file, args, { cwd: out, env: {}, encoding: 'utf8' })).toBe('works\n');
});
