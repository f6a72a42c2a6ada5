import { parseArgs } from 'node:util';
import { type Scenario, SIZES, type Size } from './scenario.ts';

const DEFAULT_PROCESSES = 2;
const MAX_SEED = 2 ** 32 - 1;
const MAX_PROCESSES = 64;

/** The values of the command line. */
export interface Options {
  readonly show: 'help' | 'list' | undefined;
  readonly size: Size;
  readonly seed: number;
  readonly processes: number;
  readonly scenarios: readonly Scenario[];
}

/** @throws Error with a message for the user, if an argument is not known. */
export function readOptions(args: readonly string[], all: readonly Scenario[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      size: { type: 'string', default: 'full' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * MAX_SEED)) },
      processes: { type: 'string', default: String(DEFAULT_PROCESSES) },
    },
  });
  const names = all.map(({ name }) => name);
  const scenarios = positionals.map((name) => find(`scenario called ${name}`, name, names));
  return {
    show: (values.help && 'help') || (values.list && 'list') || undefined,
    size: find(`size ${values.size}`, values.size, SIZES),
    seed: whole('--seed', values.seed, 0, MAX_SEED),
    processes: whole('--processes', values.processes, 1, MAX_PROCESSES),
    scenarios: scenarios.length === 0 ? all : all.filter(({ name }) => scenarios.includes(name)),
  };
}

function find<T extends string>(what: string, value: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new Error(`There is no ${what}; there are: ${known.join(', ')}`);
  }
  return found;
}

function whole(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`${flag} must be an integer from ${least} to ${most}, not ${text}`);
  }
  return number;
}

export function listText(all: readonly Scenario[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

export function helpText(all: readonly Scenario[]): string {
  return `Puts the built echo server under load, with polite and hostile clients.

  pnpm test:stress                       all scenarios, in some minutes
  pnpm test:stress integrity combined    some scenarios
  pnpm test:stress --size smoke          all scenarios, small, in seconds
  pnpm test:stress flood --seed 42       the same random numbers again

Scenarios:
${listText(all)}

Options:
  --size SIZE         smoke, middle or full; default: full
  --seed NUMBER       seed of the random numbers; default: a random seed
  --processes NUMBER  number of processes for the clients; default: ${DEFAULT_PROCESSES}
  --list              list the scenarios
  -h, --help          show this help

Without CAP_NET_RAW, forged leaves out the senders that only a raw socket can forge, and says so.

Exits with 0 if all scenarios passed, with 1 if one failed, with 2 if an argument is wrong.
`;
}
