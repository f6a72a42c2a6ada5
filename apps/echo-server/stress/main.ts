// Puts the echo server under load as the command line says, and reports the results.

import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import * as sockets from '@em/sys';
import { count, seconds, table } from './format.ts';
import { helpText, listText, type Options, readOptions } from './options.ts';
import type { Figure, Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** The result of a scenario. */
interface Result {
  readonly name: string;
  readonly figures: readonly Figure[];
  readonly failure: Error | undefined;
}

const start = performance.now();
const options = readOrRefuse();
if (options?.show === 'help') {
  console.log(helpText(SCENARIOS));
} else if (options?.show === 'list') {
  console.log(listText(SCENARIOS));
} else if (options !== undefined) {
  await runAll(options);
}

function readOrRefuse(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), SCENARIOS);
  } catch (error) {
    console.error(`${(error as Error).message}\nSee --help.`);
    process.exitCode = 2;
    return undefined;
  }
}

async function runAll(options: Options): Promise<void> {
  say(`seed ${options.seed}, size ${options.size}`);
  const results: Result[] = [];
  for (const scenario of options.scenarios) {
    results.push(await run(scenario, options));
  }
  const rows = results.flatMap(({ name, figures, failure }) =>
    (failure === undefined ? figures : [['**failed**', summaryOf(failure)]]).map(([what = '', value = ''], i) => [
      i === 0 ? name : '',
      what,
      value,
    ]),
  );
  console.log(`${circumstances(options)}\n\n${table(['scenario', 'what', 'seen'], rows)}`);
  process.exitCode = results.every(({ failure }) => failure === undefined) ? 0 : 1;
}

async function run(scenario: Scenario, { size, seed, processes }: Options): Promise<Result> {
  const { name, title } = scenario;
  say(`${name}: ${title}`);
  try {
    const figures = await scenario.run({ size, seed, processes, sockets, say: (text) => say(`${name}: ${text}`) });
    say(`${name}: passed`);
    return { name, figures, failure: undefined };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    say(`${name}: FAILED\n${failure.stack}`);
    return { name, figures: [], failure };
  }
}

function say(text: string): void {
  console.error(`${seconds(performance.now() - start).padStart(8)}  ${text}`);
}

/** The first line of an error, for one cell. */
function summaryOf({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}

function circumstances({ size, seed, processes }: Options): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${count(totalmem() / 2 ** 30)} GB`;
  return `Size ${size}, seed ${seed}, clients in ${processes} processes; ${commit()}; ${machine}, Linux ${release()}, Node ${process.version}`;
}

function commit(): string {
  try {
    const args = ['rev-parse', '--short=10', 'HEAD'];
    return `commit ${execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()}`;
  } catch {
    return 'no commit';
  }
}
