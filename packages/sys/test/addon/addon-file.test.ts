import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { frameRulesAfterSystemCalls, glibcSymbols, readSharedObject } from '../support/shared-object.js';

const path = fileURLToPath(new URL('../../native/build/Release/em_sys.node', import.meta.url));
const addon = readSharedObject(path);

test('the addon needs no library, and no version of a symbol', () => {
  expect(addon.needs).toEqual([]);
});

test('the addon exports the entry points of Node-API, and nothing else', () => {
  expect(addon.exports).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});

test('the addon imports only symbols that glibc 2.28 has, the oldest that Node runs on', () => {
  const old = glibcSymbols(2, 28);
  const fromLibc = addon.imports.filter((name) => !/^(napi|uv)_/.test(name));
  expect(fromLibc).toContain('epoll_wait');
  expect(fromLibc.filter((name) => !old.has(name))).toEqual([]);
});

test('the addon is smaller than 100 kB', () => {
  expect(addon.bytes).toBeLessThan(100_000);
});

test('the addon binds its symbols when it is loaded', () => {
  expect(addon.bindsNow).toBe(true);
});

test.runIf(process.arch === 'x64' && process.env['EM_SYS_LIBC'] !== '1')(
  'a profiler finds the callers of a system call wherever the stack pointer is',
  () => {
    const rules = frameRulesAfterSystemCalls(path);
    expect(rules.length).toBeGreaterThan(32);
    expect(new Set(rules)).toEqual(new Set(['rbp+16']));
  },
);
