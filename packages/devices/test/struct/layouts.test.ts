import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAYOUTS, type Layout } from './layouts.js';

const COMPILERS = { x64: 'g++', arm64: 'aarch64-linux-gnu-g++' };

/** Returns what the compiler says of a struct: its size, and the offsets of the fields that this package knows. */
function ofHeaders(compiler: string, { header, type, struct }: Layout): unknown {
  const emit = (name: string, value: string) => `asm("\\n# layout ${name} %0" : : "i"(${value}));`;
  const source = [
    '#include <cstddef>',
    `#include <${header}>`,
    'void layout() {',
    emit('', `sizeof(${type})`),
    ...struct.offsets.map(([name]) => emit(name, `offsetof(${type}, ${name})`)),
    '}',
  ];
  const options = ['-x', 'c++', '-S', '-o', '-', '-'];
  const { stdout, stderr } = spawnSync(compiler, options, { input: source.join('\n'), encoding: 'utf8' });
  expect(stderr).toBe('');
  const lines = Array.from(stdout.matchAll(/^# layout (\w*) [$#]?(\d+)$/gm), ([, name, value]) => [
    name,
    Number(value),
  ]);
  const [[, size] = [], ...offsets] = lines;
  return { size, offsets };
}

describe.each(Object.entries(COMPILERS))('on %s', (_, compiler) => {
  const isThere = spawnSync(compiler, ['--version']).error === undefined;

  test.skipIf(!isThere).each(LAYOUTS)('$type is what the headers of the kernel say', (layout) => {
    const { size, offsets } = layout.struct;
    expect({ size, offsets }).toEqual(ofHeaders(compiler, layout));
  });
});

test('every struct of this package is compared with the headers', () => {
  const sources = globSync('src/**/*.ts', { cwd: join(import.meta.dirname, '../..') });
  const defined = sources.flatMap((path) =>
    Array.from(readFileSync(join(import.meta.dirname, '../..', path), 'utf8').matchAll(/ new Struct</g), () => path),
  );
  expect(LAYOUTS).toHaveLength(defined.length);
});
