import { expect, test } from 'vitest';
import { ourFindings } from './findings.js';

const HEAD = '==7==ERROR: LeakSanitizer: detected memory leaks\n\n';
const OURS = `Direct leak of 13 byte(s) in 1 object(s) allocated from:
    #0 0x7f04 in operator new(unsigned long) asan_new_delete.cpp:95
    #1 0x7f05 in EventFd /src/packages/sys/native/src/eventfd.cc:17

`;
const NODES = `Indirect leak of 32 byte(s) in 1 object(s) allocated from:
    #0 0x7f04 in operator new(unsigned long) asan_new_delete.cpp:95
    #1 0x913f in node::contextify::ContextifyContext::New() (/src/node+0x913f)

`;
const TAIL = 'SUMMARY: AddressSanitizer: 45 byte(s) leaked in 2 allocation(s).\n';

test('a leak counts only if the addon is in its stack', () => {
  expect(ourFindings(HEAD + NODES + OURS + TAIL)).toEqual([OURS]);
  expect(ourFindings(HEAD + NODES + TAIL)).toEqual([]);
});

test('every other finding counts, wherever it happens', () => {
  const report =
    '==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602\n    #0 0x7f in uv_close (/src/node+0x8)\n';
  expect(ourFindings(report)).toEqual([report]);
});
