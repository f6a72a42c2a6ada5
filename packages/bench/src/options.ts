import { parseArgs } from 'node:util';
import { BUILD } from './compile.ts';
import type { Effort, Question } from './question.ts';

const FULL: Effort = { rounds: 31, roundMs: 60, warmUpMs: 500 };
const QUICK: Effort = { rounds: 5, roundMs: 15, warmUpMs: 150 };

/** The values of the command line. */
export interface Options {
  readonly help: boolean;
  readonly effort: Effort;
  readonly out: string;
  /** The path of former results, to compare with. */
  readonly against: string | undefined;
  readonly questions: readonly Question[];
}

/** The message is for the user. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** @throws BadUsage if an argument is not known. */
export function readOptions(args: readonly string[], all: readonly Question[]): Options {
  const { values, positionals } = parse(args);
  const questions = positionals.map((name) => {
    const question = all.find((candidate) => candidate.name === name);
    if (question === undefined) {
      throw new BadUsage(
        `There is no question called ${name}; there are: ${all.map((known) => known.name).join(', ')}`,
      );
    }
    return question;
  });
  return {
    help: values.help,
    effort: values.quick ? QUICK : FULL,
    out: values.out,
    against: values.against,
    questions: questions.length === 0 ? all : questions,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        quick: { type: 'boolean', default: false },
        out: { type: 'string', default: BUILD },
        against: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new BadUsage((cause as Error).message, { cause });
  }
}

export function helpText(all: readonly Question[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return `Compares the event manager with a C loop and with alternatives.

  pnpm bench             all questions, thoroughly
  pnpm bench --quick     all questions, in less than two minutes
  pnpm bench dispatch    some questions only

Questions:
${all.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n')}

Options:
  --quick     fewer and shorter rounds
  --out DIR   folder for results.json, results.md and results.svg; default: packages/bench/build
  --against FILE
              also compares the results with those of this results.json, for example of a former commit
  -h, --help  show this help
`;
}
