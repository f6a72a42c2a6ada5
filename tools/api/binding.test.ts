import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ABI_RECORD, abiOfSource, abiProblem, abiText, RAISE } from './binding.ts';

const BEFORE = 'export interface Binding { /** Closes it. */ close(fd: number): number; dup(fd: number): number; }';

test('packages/sys/native/abi.txt matches the calls of the addon and the number of its ABI', () => {
  expect(abiProblem(readFileSync(ABI_RECORD, 'utf8'), abiOfSource())).toBeUndefined();
});

test.each([
  ['another parameter', BEFORE.replace('close(fd: number)', 'close(fd: number, how: number)')],
  ['a parameter less', BEFORE.replace('dup(fd: number)', 'dup()')],
  ['another type of a parameter', BEFORE.replace('dup(fd: number)', 'dup(fd: bigint)')],
  ['another type of the result', BEFORE.replace('dup(fd: number): number', 'dup(fd: number): bigint')],
  ['another name', BEFORE.replace('dup', 'dupOwned')],
  ['a call less', BEFORE.replace('dup(fd: number): number;', '')],
  ['another call', BEFORE.replace('}', 'open(): number; }')],
  ['another constant', `${BEFORE} interface SocketConstants { readonly AF_INET: number; }`],
])('%s demands another number of the ABI', (_, after) => {
  expect(abiProblem(abiText('5', BEFORE), abiText('5', after))).toBe(RAISE);
  expect(abiProblem(abiText('5', BEFORE), abiText('6', after))).toMatch(/run `pnpm api`/);
});

test('neither a comment nor the layout demands another number of the ABI', () => {
  const after = BEFORE.replace('Closes it.', 'Closes the fd.').replaceAll(';', ';\n\n');
  expect(abiProblem(abiText('5', BEFORE), abiText('5', after))).toBeUndefined();
});
