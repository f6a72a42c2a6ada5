// Answers the questions of the command line, or all questions, and writes the results.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bench } from './bench.ts';
import { toChart } from './chart.ts';
import { toMarkdown } from './markdown.ts';
import { helpText, type Options, readOptions } from './options.ts';
import { ProgressLine } from './progress.ts';
import { QUESTIONS } from './questions/index.ts';

const options = readOrRefuse();
if (options?.help) {
  console.log(helpText(QUESTIONS));
} else if (options !== undefined) {
  await run(options);
}

function readOrRefuse(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), QUESTIONS);
  } catch (error) {
    console.error(`${(error as Error).message}\nSee --help.`);
    process.exitCode = 2;
    return undefined;
  }
}

async function run({ questions, effort, out }: Options): Promise<void> {
  const line = new ProgressLine(process.stderr);
  const results = await bench(questions, effort, (progress) => line.show(progress));
  line.end();
  const page = toMarkdown(results);
  await mkdir(out, { recursive: true });
  await Promise.all([
    writeFile(join(out, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`),
    writeFile(join(out, 'results.md'), page),
    writeFile(join(out, 'results.svg'), toChart(results)),
  ]);
  console.log(page);
  console.error(`Written to ${out}: results.json, results.md, results.svg`);
}
