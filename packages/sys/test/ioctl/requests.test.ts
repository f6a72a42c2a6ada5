import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { argumentSize, SIZES } from '../../src/ioctl/argument-sizes.js';
import { checkNoAddress, WITH_ADDRESS } from '../../src/ioctl/requests-with-addresses.js';

const PROGRAM = fileURLToPath(new URL('../programs/requests.c', import.meta.url));

interface Request {
  readonly name: string;
  readonly number: number;
  /** The size of the argument, 0 if it can hold an address. */
  readonly bytes: number;
}

function requestsOfHeaders(compiler: string): Request[] {
  const assembly = execFileSync(compiler, ['-S', '-w', '-o', '-', PROGRAM], { encoding: 'utf8' });
  const lines = assembly.matchAll(/^# request (\w+) [$#]?(-?\d+) [$#]?(\d+)/gm);
  return Array.from(lines, ([, name = '', number, bytes]) => ({
    name,
    number: Number(number) >>> 0,
    bytes: Number(bytes),
  }));
}

/** The size of the argument, or the reason to refuse the request. */
function treatmentOf(request: number): unknown {
  try {
    checkNoAddress(request);
    return argumentSize(request);
  } catch (error) {
    return /; (.+)\. Received/.exec(String(error))?.[1];
  }
}

describe.each(['cc', 'aarch64-linux-gnu-gcc'])('as the headers say, compiled with %s', (compiler) => {
  const isThere = spawnSync(compiler, ['--version']).error === undefined;

  test.skipIf(!isThere)('every request in the tables has its number, and an argument of its size', () => {
    const requests = requestsOfHeaders(compiler);
    expect(requests.map(({ name, number }) => [name, treatmentOf(number)])).toEqual(
      requests.map(({ name, bytes }) => [name, bytes > 0 ? bytes : `the argument of ${name} can hold one`]),
    );
    const numbers = new Set(requests.map(({ number }) => number));
    const IOMMU_IOAS_MAP = 0x3b85; // not in the headers of older kernels
    const unchecked = [...SIZES.keys(), ...WITH_ADDRESS.keys()].filter((number) => !numbers.has(number));
    expect(unchecked).toEqual([IOMMU_IOAS_MAP]);
  });
});
