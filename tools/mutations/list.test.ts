import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from './list.ts';

test.each(MUTATIONS)('$what: what it breaks stands in $file exactly once', ({ file, find }) => {
  const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  expect(source.split(find)).toHaveLength(2);
});
