import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  frameRulesAfterSystemCalls,
  glibcSymbols,
  readSharedObject,
  type SharedObject,
  symbolsOf,
} from '../../../packages/sys/test/support/shared-object.js';
import { Tarball } from './tarball.ts';

/** Part of the package `musl` of Debian, and of Alpine. */
const MUSL = `/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`;
const LIMIT_BYTES = 100_000;

const root = join(import.meta.dirname, '../../..');
let tarball: Tarball;
beforeAll(() => {
  tarball = new Tarball(inject('tarballs')['@em/sys'] ?? '');
});
afterAll(() => {
  tarball[Symbol.dispose]();
});

test('a profiler can find the callers of a system call in the addon for x64', () => {
  const rules = frameRulesAfterSystemCalls(join(tarball.folder, 'prebuilds/linux-x64.node'));
  expect(rules).not.toEqual([]);
  expect(new Set(rules)).toEqual(new Set(['rbp+16']));
});

describe.each([
  ['arm64', 'AArch64'],
  ['x64', 'Advanced Micro Devices X86-64'],
])('the addon for %s', (arch, machine) => {
  let addon: SharedObject;
  let fromLibc: readonly string[];
  beforeAll(() => {
    addon = readSharedObject(join(tarball.folder, `prebuilds/linux-${arch}.node`));
    fromLibc = addon.imports.filter((name) => !/^(napi|uv)_/.test(name));
  });

  test('is built for that machine, small, needs no library, and binds its symbols when it is loaded', () => {
    expect(addon).toMatchObject({ machine, needs: [], bindsNow: true });
    expect(addon.bytes).toBeLessThanOrEqual(LIMIT_BYTES);
    expect(addon.exports.toSorted()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
  });

  test('uses only symbols of libc that glibc 2.28 has', () => {
    const old = glibcSymbols(2, 28);
    expect(fromLibc).toContain('epoll_wait');
    expect(fromLibc.filter((name) => !old.has(name))).toEqual([]);
  });

  test('uses only symbols of libc that musl has', () => {
    expect(existsSync(MUSL), `${MUSL}: apt-get install musl`).toBe(true);
    const musl = new Set(symbolsOf(MUSL));
    expect(fromLibc.filter((name) => !musl.has(name))).toEqual([]);
  });
});

test('a build from the sources in the package gives the same bytes', () => {
  const file = join(tarball.folder, 'native/build/Release/em_sys.node');
  // The result of `npm install --save-dev node-gyp node-addon-api`.
  symlinkSync(join(root, 'packages/sys/node_modules'), join(tarball.folder, 'node_modules'));
  execFileSync(process.execPath, [join(tarball.folder, 'native/build.js')], { stdio: 'pipe' });
  const shipped = readFileSync(join(tarball.folder, `prebuilds/linux-${process.arch}.node`));
  expect(readFileSync(file).equals(shipped)).toBe(true);
  expect(createRequire(file)(file)).toHaveProperty('epollCreate');
});
