import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './ending.ts';
import type { Result } from './results.ts';
import type { Runtime } from './runtimes.ts';

const SYS = join(import.meta.dirname, '../../../packages/sys');
const LIMIT_MS = 600_000;

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
export function runSuite({ version, executable }: Runtime): Promise<Result[]> {
  const config = join(import.meta.dirname, 'suite.config.ts');
  return runTests([process.execPath], config, [], { EM_NODE: executable, EM_NODE_VERSION: version });
}

/**
 * Runs tests of `@em/sys`, from its sources.
 *
 * @param program - The program that runs vitest, and its arguments.
 * @param config - The path of vitest's configuration.
 * @param args - Other arguments of vitest.
 * @param variables - Added to the environment.
 */
export async function runTests(
  [program = '', ...before]: readonly string[],
  config: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'em-suite-'));
  const report = join(folder, 'report.json');
  // Vitest runs this code, too; its variables must not reach the other vitest.
  const inherited = Object.entries(process.env).filter(([key]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(key));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...variables };
  const vitest = join(SYS, 'node_modules/vitest/vitest.mjs');
  const command = [...before, vitest, 'run', '--config', config, `--outputFile.json=${report}`, ...args];
  const { stdout, stderr, fault } = await runToEnd(program, command, { cwd: SYS, env, timeout: LIMIT_MS });
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
      const { fullName: name, failureMessages } = test;
      const output = failureMessages?.length ? failureMessages.join('\n') : undefined;
      if (test.status === 'failed') {
        return { name, status: 'failed', output: output ?? message };
      }
      const passed = test.status === 'passed';
      return { name, status: passed ? 'passed' : 'skipped', ...(passed && output !== undefined && { output }) };
    });
    // A file that fails before its first test, for example by a syntax error, has no failed test.
    const isHidden = status === 'failed' && !results.some((result) => result.status === 'failed');
    return isHidden ? [...results, { name, status: 'failed', output: message }] : results;
  });
}
