// Prints the sums over the reports of the latest test run: `12 passed, 0 failed`, and `, 1 skipped` if there are any,
// with their names before.
// Exits with 1 if a package or tools has left no report, a test failed, or none passed.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { countTests, formatCounts, type TestFile, type TestReport } from './test-report.ts';

const root = dirname(import.meta.dirname);
const packages = globSync('{packages,apps}/*/package.json', { cwd: root }).map(dirname).sort();
const folders = ['.', ...packages, 'tools/ci/runtimes', 'tools/ci/sanitize', 'tools/ci/tarballs'];
const paths = folders.map((folder) => join(folder, 'test-report.json'));
const missing = paths.filter((path) => !existsSync(join(root, path)));
for (const path of missing) {
  console.error(`There is no ${path}: its tests did not run`);
}

const counts = countTests(paths.filter((path) => !missing.includes(path)).flatMap(testFiles));
for (const name of counts.skipped) {
  console.log(`skipped: ${name}`);
}
console.log(formatCounts(counts));
process.exitCode = missing.length > 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0;

function testFiles(path: string): readonly TestFile[] {
  const report = JSON.parse(readFileSync(join(root, path), 'utf8')) as TestReport;
  return report.testResults;
}
