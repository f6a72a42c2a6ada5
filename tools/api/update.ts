// Writes the report of each package's API anew, from what was built.

import { writeFileSync } from 'node:fs';
import { apiReports } from './report.ts';

for (const { path, text } of apiReports()) {
  writeFileSync(path, text);
}
