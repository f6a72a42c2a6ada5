import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './ending.ts';
import type { Result } from './results.ts';
import type { Runtime } from './runtimes.ts';

const SYS = join(import.meta.dirname, '../../../packages/sys');
const LIMIT_MS = 300_000;

/** The part of the JSON report of vitest that is read here. */
interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }>;
  }>;
}

/** Runs all tests of `@em/sys`, from its sources, on a version of Node. */
export async function runSuite({ version, executable }: Runtime): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'em-runtimes-'));
  const report = join(folder, 'report.json');
  // Vitest runs this code, too; its variables must not reach the other vitest.
  const inherited = Object.entries(process.env).filter(([key]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(key));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', EM_NODE: executable, EM_NODE_VERSION: version };
  const args = ['run', '--config', join(import.meta.dirname, 'suite.config.ts'), `--outputFile.json=${report}`];
  const vitest = join(SYS, 'node_modules/.bin/vitest');
  const { stdout, stderr, fault } = await runToEnd(vitest, args, { cwd: SYS, env, timeout: LIMIT_MS });
  const results = existsSync(report) ? resultsOf(JSON.parse(readFileSync(report, 'utf8')) as Report) : [];
  rmSync(folder, { recursive: true });
  if (fault !== undefined && !results.some(({ status }) => status === 'failed')) {
    results.push({ name: fault, status: 'failed', output: stdout + stderr });
  }
  return results;
}

function resultsOf({ testResults }: Report): Result[] {
  return testResults.flatMap(({ name, status, message, assertionResults }): Result[] => {
    const results = assertionResults.map((test): Result => {
      const { fullName } = test;
      if (test.status === 'failed') {
        return { name: fullName, status: 'failed', output: test.failureMessages?.join('\n') ?? message };
      }
      return { name: fullName, status: test.status === 'passed' ? 'passed' : 'skipped' };
    });
    // A file that fails before its first test, for example by a syntax error, has no failed test.
    const isHidden = status === 'failed' && !results.some((result) => result.status === 'failed');
    return isHidden ? [...results, { name, status: 'failed', output: message }] : results;
  });
}
