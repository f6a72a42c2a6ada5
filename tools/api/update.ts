// Updates the report of each package's API from its build.

import { writeFileSync } from 'node:fs';
import { apiReports } from './report.ts';

for (const { path, text } of apiReports()) {
  writeFileSync(path, text);
}
