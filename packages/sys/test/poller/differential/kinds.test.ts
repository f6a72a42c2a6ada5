import { expect, test } from 'vitest';
import { expectOpened, openFiles } from '../../support/open-files.js';
import { programWithInotify, programWithProcess, programWithTcp, programWithTimers } from './arbitraries.js';
import { search } from './search.js';

const PROGRAMS = Number(process.env['EM_DIFFERENTIAL_KIND_PROGRAMS'] ?? 20);
const SEED = Number(process.env['EM_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31);
/** The kernel needs time for a tick of a timer, for a TCP segment and for the end of a process. Sometimes it needs more. */
const ATTEMPTS = 8;

test.each([
  ['timers', programWithTimers],
  ['TCP sockets', programWithTcp],
  ['inotify', programWithInotify],
  ['processes', programWithProcess],
])(
  `${PROGRAMS} random programs with %s behave the same on the fake and on the kernel (seed ${SEED})`,
  async (_, program) => {
    const before = openFiles();
    const { programs, difference } = search(program, SEED, PROGRAMS, ATTEMPTS);
    expect(difference).toBeUndefined();
    expect(programs).toBe(PROGRAMS);
    await expectOpened(before);
  },
);
