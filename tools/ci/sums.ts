// Prints the sums over the reports of the latest test runs, such as `12 passed, 0 failed, 1 skipped`, after the names
// of the skipped, the unstable and the failed tests. An unstable test passed only at its second attempt. Exits with 1 if
// a report is missing, if a test failed, or if none passed.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const packages = globSync('{packages,apps}/*/package.json').map(dirname).sort();
/** A line of a stack that does not show code of this repository. */
const FOREIGN_FRAME = /\n +at .*(?:node_modules|node:|<anonymous>).*/g;
const reasons: string[] = [];
let [passed, failed, skipped] = [0, 0, 0];
for (const folder of [
  '.',
  ...packages,
  'tools/ci/bench',
  'tools/ci/libc',
  'tools/ci/machine',
  'tools/ci/old-kernels',
  'tools/ci/runtimes',
  'tools/ci/sanitize',
  'tools/ci/tarballs',
]) {
  const path = join(folder, 'test-report.json');
  if (!existsSync(path)) {
    console.error(`There is no ${path}: its tests did not run`);
    process.exitCode = 1;
    continue;
  }
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  passed += report.numPassedTests;
  // A file that fails before its first test, for example by a syntax error, has no failed test.
  failed += Math.max(report.numFailedTests, report.success ? 0 : 1);
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.message !== undefined && file.message !== '') {
      reasons.push(`failed: ${folder}: ${file.name}\n${file.message}`);
    }
    for (const { fullName, status, failureMessages } of file.assertionResults) {
      if (status !== 'passed' && status !== 'failed') {
        console.log(`skipped: ${fullName}`);
        skipped++;
      } else if (status === 'failed' || failureMessages?.length) {
        const what = status === 'failed' ? 'failed' : 'unstable';
        reasons.push([`${what}: ${folder}: ${fullName}`, ...(failureMessages ?? [])].join('\n'));
      }
    }
  }
}
for (const reason of reasons) {
  console.log(reason.replaceAll(FOREIGN_FRAME, ''));
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (failed > 0 || passed === 0) {
  process.exitCode = 1;
}

/** The part of the JSON report of vitest that is read here. */
interface Report {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    /** Why the file failed, if it did before its first test. */
    readonly message?: string;
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }>;
  }>;
}
