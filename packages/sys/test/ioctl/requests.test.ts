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

function compile(compiler: string): string {
  return execFileSync(compiler, ['-S', '-w', '-o', '-', PROGRAM], { encoding: 'utf8' });
}

function requestsOfHeaders(compiler: string): Request[] {
  const lines = compile(compiler).matchAll(/^# request (\w+) [$#]?(-?\d+) [$#]?(\d+)/gm);
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

  test.skipIf(!isThere)('the addresses that an argument can have are where addresses.ts looks for them', () => {
    const lines = compile(compiler).matchAll(/^# member (\S+) [$#]?(\d+) [$#]?(\d+)/gm);
    expect(Array.from(lines, ([, member, at, bytes]) => [member, Number(at), Number(bytes)])).toEqual([
      ['i2c_rdwr_ioctl_data.msgs', 0, 16],
      ['i2c_rdwr_ioctl_data.nmsgs', 8, 16],
      ['i2c_msg.buf', 8, 16],
      ['i2c_smbus_ioctl_data.data', 8, 16],
      ['spi_ioc_transfer.tx_buf', 0, 32],
      ['spi_ioc_transfer.rx_buf', 8, 32],
      ['ifreq.ifr_data', 16, 40],
    ]);
  });
});
