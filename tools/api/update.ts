// Updates the report of each package's API from its build, and the record of the addon's ABI from the source. Fails if the
// calls of the addon changed without another number of the ABI.

import { readFileSync, writeFileSync } from 'node:fs';
import { ABI_RECORD, abiOfSource, abiProblem, RAISE } from './binding.ts';
import { apiReports } from './report.ts';

for (const { path, text } of apiReports()) {
  writeFileSync(path, text);
}

const abi = abiOfSource();
if (abiProblem(readFileSync(ABI_RECORD, 'utf8'), abi) === RAISE) {
  console.error(RAISE);
  process.exitCode = 1;
} else {
  writeFileSync(ABI_RECORD, abi);
}
