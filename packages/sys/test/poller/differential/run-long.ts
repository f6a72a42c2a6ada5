// Run it with `pnpm --filter @em/sys test:differential [steps] [seed]`. It ends after that number of steps, or when it
// finds a program that behaves differently in the two worlds.
import { readdirSync } from 'node:fs';
import { program } from './arbitraries.js';
import { search } from './search.js';

const PROGRAMS_AT_A_TIME = 1_000;
const PROGRESS_EVERY_MS = 5_000;

const [wanted, seed] = [argument(2, 1_000_000), argument(3, Date.now() % 2 ** 31)];
// This comes before the fds are counted, because the first line opens stdout.
console.log(`seed ${seed}`);
const startMs = performance.now();
const fdsBefore = countFds();
let steps = 0;
let programs = 0;
let progressAtMs = startMs + PROGRESS_EVERY_MS;

for (let round = 0; steps < wanted; round++) {
  const found = search(program, seed + round, PROGRAMS_AT_A_TIME);
  steps += found.steps;
  programs += found.programs;
  if (found.difference !== undefined) {
    console.log(found.difference);
    process.exit(1);
  }
  if (performance.now() > progressAtMs) {
    progressAtMs += PROGRESS_EVERY_MS;
    console.log(summary());
  }
}

console.log(`${summary()}, no difference`);
if (countFds() !== fdsBefore) {
  console.log(`${countFds() - fdsBefore} fds were left open`);
  process.exit(1);
}

function summary(): string {
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  return `${steps.toLocaleString('en')} steps in ${programs.toLocaleString('en')} programs, seed ${seed}, ${seconds} s`;
}

function argument(index: number, otherwise: number): number {
  const value = Number(process.argv[index] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 0) {
    console.error('usage: pnpm --filter @em/sys test:differential [steps] [seed], both whole numbers');
    process.exit(2);
  }
  return value;
}

function countFds(): number {
  return readdirSync('/proc/self/fd').length;
}
