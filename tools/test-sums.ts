// Prints the sums over the reports of the latest test run: `12 passed, 0 failed`, and `, 1 skipped` if there are any,
// with their names before.
// Exits with 1 if a package or tools has left no report, a test failed, or none passed.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface TestReport {
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

const root = dirname(import.meta.dirname);
const packages = globSync('{packages,apps}/*/package.json', { cwd: root }).map(dirname).sort();
const folders = ['.', ...packages, 'tools/sanitize', 'tools/tarballs'];
const paths = folders.map((folder) => join(folder, 'test-report.json'));
const missing = paths.filter((path) => !existsSync(join(root, path)));
for (const path of missing) {
  console.error(`There is no ${path}: its tests did not run`);
}

const files = paths.filter((path) => !missing.includes(path)).flatMap(testFiles);
const passed = sum(files, (file) => count(file, 'passed'));
// A file that failed before its first test, by a syntax error for one, is a failure too.
const failed = sum(files, (file) => Math.max(count(file, 'failed'), file.status === 'failed' ? 1 : 0));
const results = files.flatMap((file) => file.assertionResults);
const skipped = results.filter(({ status }) => status !== 'passed' && status !== 'failed');
for (const { fullName } of skipped) {
  console.log(`skipped: ${fullName}`);
}
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = missing.length > 0 || failed > 0 || passed === 0 ? 1 : 0;

function testFiles(path: string): readonly TestFile[] {
  const report = JSON.parse(readFileSync(join(root, path), 'utf8')) as TestReport;
  return report.testResults;
}

function count({ assertionResults }: TestFile, status: string): number {
  return assertionResults.filter((result) => result.status === status).length;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
