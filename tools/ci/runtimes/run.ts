// Runs the smoke suite with the built packages on every runtime, and all tests of @em/sys on every line of Node. Leaves a
// report for the sums that `.ci/run` prints. argv: which runtimes, such as `bun` or `node22`; default: all.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests, formatCounts, type TestFile } from '../../test-report.ts';
import { installRuntimes, type Runtime } from './runtimes.ts';
import { copyBuilt, SmokeSuite } from './smoke.ts';
import { runSuite } from './suite.ts';

const wanted = process.argv.slice(2);
const isWanted = ({ name, version }: Runtime): boolean =>
  wanted.length === 0 || wanted.some((prefix) => `${name}${version}`.startsWith(prefix));

const runtimes = installRuntimes().filter(isWanted);
const folder = mkdtempSync(join(tmpdir(), 'em-runtimes-'));
copyBuilt(folder);
const smoke = new SmokeSuite(folder);
const all: TestFile[] = [];
const table: string[] = [];

for (const runtime of runtimes) {
  const label = `${runtime.name} ${runtime.version}`;
  const cells = [await report(`${label}, smoke`, smoke.run(runtime))];
  if (runtime.name === 'node') {
    cells.push(await report(`${label}, @em/sys`, runSuite(runtime)));
  }
  table.push(row(label, cells));
}
rmSync(folder, { recursive: true });

console.log(['', row('', ['smoke', '@em/sys']), ...table].join('\n'));
writeFileSync(join(import.meta.dirname, 'test-report.json'), JSON.stringify({ testResults: all }));
const { passed, failed } = countTests(all);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function report(what: string, run: Promise<{ files: TestFile[]; output: string }>): Promise<string> {
  const started = performance.now();
  const { files, output } = await run;
  const counts = countTests(files);
  if (counts.failed > 0) {
    console.log(output);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${what}: ${formatCounts(counts)} (${seconds} s)`);
  for (const { status, assertionResults } of files) {
    const named = assertionResults.map((result) => ({ ...result, fullName: `${what}: ${result.fullName}` }));
    all.push({ status, assertionResults: named });
  }
  return formatCounts(counts);
}

function row(label: string, cells: readonly string[]): string {
  return [label.padEnd(16), ...cells.map((cell) => cell.padEnd(34))].join('').trimEnd();
}
