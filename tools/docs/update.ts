// Updates the programs that the docs show, from `examples`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPages } from './quotations.ts';

for (const { path, text, updated } of readPages()) {
  if (updated !== text) {
    writeFileSync(join(import.meta.dirname, '../..', path), updated);
  }
}
