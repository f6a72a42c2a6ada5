import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './ending.ts';
import type { Result } from './results.ts';
import type { Runtime } from './runtimes.ts';
import { readTap } from './tap.ts';

const PACKAGES = join(import.meta.dirname, '../../../packages');
const SYS = join(PACKAGES, 'sys');
const LIMIT_MS = 60_000;

/** The files that the suite consists of, in the folder `test/smoke` of each package. */
const FILES = {
  sys: ['loading', 'fds', 'contract', 'run', 'workers'],
  streams: ['streams'],
  devices: ['devices'],
} as const;

type SmokeFile = (typeof FILES)[keyof typeof FILES][number];

/** The parts of the built packages that a program uses once they are installed. */
const BUILT = [
  'core/package.json',
  'core/dist',
  'devices/package.json',
  'devices/dist',
  'streams/package.json',
  'streams/dist',
  'sys/package.json',
  'sys/dist',
  'sys/native/build/Release/em_sys.node',
  'testing/package.json',
  'testing/dist',
];

/** Copies the packages, as they are built here, into a folder. */
export function copyBuilt(folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  for (const path of BUILT) {
    cpSync(join(PACKAGES, path), join(folder, 'node_modules/@em', path), { recursive: true });
  }
}

/** Bundles the smoke suite in a folder that has the packages installed, and nothing else. */
export function bundleSmoke(folder: string): void {
  cpSync(join(SYS, 'test/programs'), join(folder, 'programs'), { recursive: true });
  bundle('sys', [...FILES.sys, 'worker'], folder);
  bundle('streams', FILES.streams, folder);
  bundle('devices', FILES.devices, folder);
}

function bundle(name: string, files: readonly string[], folder: string): void {
  const entries = files.map((file) => `test/smoke/${file}.ts`);
  const external = ['core', 'devices', 'streams', 'sys', 'testing'].flatMap((each) => ['--external', `@em/${each}`]);
  const options = ['--format', 'esm', '--target', 'node20.19', '--no-splitting', '--silent', ...external];
  execFileSync(join(SYS, 'node_modules/.bin/tsup'), [...entries, ...options, '--out-dir', join(folder, 'smoke')], {
    cwd: join(PACKAGES, name),
    stdio: 'inherit',
  });
}

/** Runs the smoke suite where it was bundled: each file in a process of its own, with a clean environment. */
export async function runSmoke(
  folder: string,
  { name, version, executable, options }: Runtime,
  parts: readonly SmokeFile[] = Object.values(FILES).flat(),
): Promise<Result[]> {
  const { HOME, PATH } = process.env;
  const env = { HOME, PATH, NO_COLOR: '1', EM_RUNTIME: `${name} ${version}` };
  const results: Result[] = [];
  for (const part of parts) {
    const args = [...options, join('smoke', `${part}.js`)];
    const { stdout, stderr, fault } = await runToEnd(executable, args, { cwd: folder, env, timeout: LIMIT_MS });
    results.push(...readTap(stdout + stderr, fault));
  }
  return results;
}
