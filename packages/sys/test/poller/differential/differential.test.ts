import { expect, test } from 'vitest';
import { expectOpened, openFiles } from '../../support/open-files.js';
import { program } from './arbitraries.js';
import { search } from './search.js';

const PROGRAMS = Number(process.env['EM_DIFFERENTIAL_PROGRAMS'] ?? 2_000);
const SEED = Number(process.env['EM_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31);

test(`${PROGRAMS} random programs behave the same on the fake and on the kernel (seed ${SEED})`, async () => {
  const before = openFiles();
  const { programs, difference } = search(program, SEED, PROGRAMS);
  expect(difference).toBeUndefined();
  expect(programs).toBe(PROGRAMS);
  await expectOpened(before);
});
