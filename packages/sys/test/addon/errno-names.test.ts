import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errnoName } from '../../src/addon/errno-names.js';
import { systemError } from '../../src/addon/system-error.js';

const HEADERS = ['errno-base', 'errno'].map((name) => `/usr/include/asm-generic/${name}.h`);

test.skipIf(!HEADERS.every(existsSync))('each error of the kernel headers has its name and a text', () => {
  const published = HEADERS.flatMap((header) =>
    Array.from(readFileSync(header, 'utf8').matchAll(/^#define\s+(E\w+)\s+(\d+)/gm), ([, name, number]) => ({
      name,
      number: Number(number),
    })),
  );
  expect(published.length).toBeGreaterThan(130);
  expect(published.map(({ number }) => ({ name: errnoName(number)[0], number }))).toEqual(published);
  expect(published.filter(({ number }) => /^$|unknown/.test(errnoName(number)[1]))).toEqual([]);
});

test('each error that Node knows has the number and one of the names that it has in Node', () => {
  const known = Object.entries(constants.errno);
  for (const [, number] of known) {
    const names = known.filter(([, other]) => other === number).map(([name]) => name);
    expect(names).toContain(errnoName(number)[0]);
  }
});

test.each([
  [109, 'ETOOMANYREFS', 'too many references: cannot splice'],
  [95, 'EOPNOTSUPP', 'operation not supported on socket'],
  [524, 'E524', 'unknown error'],
])('%d is %s', (number, code, text) => {
  expect(systemError(-number, 'sendmsg', 3)).toMatchObject({
    code,
    errno: -number,
    syscall: 'sendmsg',
    fd: 3,
    message: `${code}: ${text}, sendmsg`,
  });
});
