import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countTests, type TestFile, type TestReport } from '../../test-report.ts';
import { runToEnd } from './ending.ts';
import type { Runtime } from './runtimes.ts';

const SYS = join(import.meta.dirname, '../../../packages/sys');
const LIMIT_MS = 300_000;

/** Runs all tests of `@em/sys`, from its sources, on a Node. */
export async function runSuite({ version, executable }: Runtime): Promise<{ files: TestFile[]; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'em-runtimes-'));
  const report = join(folder, 'report.json');
  const env = { ...process.env, NO_COLOR: '1', EM_NODE: executable, EM_NODE_VERSION: version, EM_REPORT: report };
  const args = ['run', '--config', join(import.meta.dirname, 'suite.config.ts')];
  const vitest = join(SYS, 'node_modules/.bin/vitest');
  const { stdout, stderr, fault } = await runToEnd(vitest, args, { cwd: SYS, env, timeout: LIMIT_MS });
  const files = existsSync(report) ? [...(JSON.parse(readFileSync(report, 'utf8')) as TestReport).testResults] : [];
  rmSync(folder, { recursive: true });
  if (fault !== undefined && countTests(files).failed === 0) {
    files.push({ status: 'failed', assertionResults: [] });
  }
  return { files, output: `${stdout}${stderr}${fault ?? ''}` };
}
