// Answers the questions of the command line, or all questions, and writes the results.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compare, readResults } from './against.ts';
import { bench, type Results } from './bench.ts';
import { toChart } from './chart.ts';
import { comparisonToMarkdown, toMarkdown } from './markdown.ts';
import { BadUsage, helpText, type Options, readOptions } from './options.ts';
import { ProgressLine } from './progress.ts';
import { QUESTIONS } from './questions/index.ts';

try {
  const options = readOptions(process.argv.slice(2), QUESTIONS);
  if (options.help) {
    console.log(helpText(QUESTIONS));
  } else {
    // Before the run, which takes long and may overwrite them.
    const former = options.against === undefined ? undefined : readResults(options.against);
    await run(options, former);
  }
} catch (error) {
  if (!(error instanceof BadUsage)) {
    throw error;
  }
  console.error(`${error.message}\nSee --help.`);
  process.exitCode = 2;
}

async function run({ questions, effort, out }: Options, former: Results | undefined): Promise<void> {
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
  if (former !== undefined) {
    console.log(comparisonToMarkdown(compare(results, former), former));
  }
  console.error(`Written to ${out}: results.json, results.md, results.svg`);
}
