import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { frameRulesAfterSystemCalls, glibcSymbols, readSharedObject } from '../support/shared-object.js';

const path = fileURLToPath(new URL('../../native/build/Release/em_sys.node', import.meta.url));
const addon = readSharedObject(path);

test('the addon has no library loaded and insists on no version of one', () => {
  expect(addon.needs).toEqual([]);
});

test('the addon shows Node-API its entry points, and nothing to anybody else', () => {
  expect(addon.exports).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});

test('what the addon takes from libc was in glibc 2.28, the oldest that Node runs on', () => {
  const old = glibcSymbols(2, 28);
  const fromLibc = addon.imports.filter((name) => !/^(napi|uv)_/.test(name));
  expect(fromLibc).toContain('epoll_wait');
  expect(fromLibc.filter((name) => !old.has(name))).toEqual([]);
});

test('the addon is small', () => {
  expect(addon.bytes).toBeLessThan(100_000);
});

test('the addon binds its symbols when it is loaded', () => {
  expect(addon.bindsNow).toBe(true);
});

test.runIf(process.arch === 'x64')(
  'a profiler finds the callers of a system call, whatever the stack pointer is',
  () => {
    const rules = frameRulesAfterSystemCalls(path);
    expect(rules.length).toBeGreaterThan(32);
    expect(new Set(rules)).toEqual(new Set(['rbp+16']));
  },
);
