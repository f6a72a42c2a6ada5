import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { program } from './arbitraries.js';
import { search } from './search.js';

const PROGRAMS = Number(process.env['EM_DIFFERENTIAL_PROGRAMS'] ?? 5_000);
const SEED = Number(process.env['EM_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31);

test(`${PROGRAMS} random programs behave the same on the fake and on the kernel (seed ${SEED})`, () => {
  const before = readdirSync('/proc/self/fd').length;
  const { programs, difference } = search(program, SEED, PROGRAMS);
  expect(difference).toBeUndefined();
  expect(programs).toBe(PROGRAMS);
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
});
