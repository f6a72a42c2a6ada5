import { parseArgs } from 'node:util';
import { nearest } from './nearest.js';
import { ExitCode, StartError } from './start-error.js';

/** Where to listen. */
export interface Options {
  /** An IP address, or a name that has one. */
  readonly host: string;
  /** From 0, which takes any free one, to 65535. */
  readonly port: number;
}

/** What the command line asks for. */
export type Command = { readonly kind: 'serve'; readonly options: Options } | { readonly kind: 'help' | 'version' };

/** An option that takes a value: what parsing, `--help` and the table in the README are about. */
export interface ValueOption {
  readonly env: string;
  readonly placeholder: string;
  readonly fallback: string;
  readonly text: string;
}

/** Every option that takes a value, by its name. */
export const VALUE_OPTIONS = {
  host: {
    env: 'EM_ECHO_HOST',
    placeholder: '<address>',
    fallback: '127.0.0.1',
    text: 'address or host name to listen on',
  },
  port: {
    env: 'EM_ECHO_PORT',
    placeholder: '<number>',
    fallback: '7007',
    text: 'port to listen on, 0 for any free one',
  },
} as const satisfies Record<keyof Options, ValueOption>;

type ValueName = keyof typeof VALUE_OPTIONS;
type Environment = Readonly<Record<string, string | undefined>>;

/** A value and where it comes from, as messages name it. */
interface Setting {
  readonly source: string;
  readonly value: string;
}

const SYNTAX = {
  host: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/**
 * Reads the command line. A flag goes before its environment variable, and that before the default; of a repeated flag
 * the last one counts, and an empty variable is an unset one.
 *
 * @param args - The arguments behind the name of the program.
 * @throws StartError with `ExitCode.USAGE` for an unknown flag, a missing or bad value, an argument that is no flag.
 */
export function readCommand(args: readonly string[], env: Environment): Command {
  const given = new Map<string, string>();
  for (const token of tokens(args)) {
    if (token.kind === 'positional') {
      throw usage(`unexpected argument '${token.value}'.`);
    }
    if (token.kind === 'option') {
      given.set(token.name, checkToken(token));
    }
  }
  if (given.has('help') || given.has('version')) {
    return { kind: given.has('help') ? 'help' : 'version' };
  }
  const setting = (name: ValueName): Setting => {
    const { env: variable, fallback } = VALUE_OPTIONS[name];
    const value = given.get(name);
    return value === undefined
      ? { source: variable, value: env[variable] || fallback }
      : { source: `--${name}`, value };
  };
  return { kind: 'serve', options: { host: readHost(setting('host')), port: readPort(setting('port')) } };
}

type Token = ReturnType<typeof tokens>[number];

// Not strict, for then the first mistake throws, with a message that suggests nothing.
function tokens(args: readonly string[]) {
  return parseArgs({ args: [...args], options: SYNTAX, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** The value of a flag, '' for one that takes none. */
function checkToken({ name, rawName, value, inlineValue }: Extract<Token, { kind: 'option' }>): string {
  if (!Object.hasOwn(SYNTAX, name)) {
    const flag = nearest(name, Object.keys(SYNTAX));
    throw usage(`unknown option '${rawName}'${flag === undefined ? '.' : `. Did you mean --${flag}?`}`);
  }
  if (SYNTAX[name as keyof typeof SYNTAX].type === 'boolean') {
    if (inlineValue) {
      throw usage(`${rawName} takes no value.`);
    }
    return '';
  }
  if (value === undefined || (!inlineValue && /^-\D/.test(value))) {
    throw usage(`${rawName} needs a value, as in ${rawName} ${VALUE_OPTIONS[name as ValueName].fallback}.`);
  }
  return value;
}

function readHost({ source, value }: Setting): string {
  if (value.trim() === '' || value.includes('%')) {
    throw usage(`${source} must be an IP address without a zone, or a host name, not '${value}'.`);
  }
  return value;
}

function readPort({ source, value }: Setting): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65535)) {
    throw usage(`${source} must be a whole number from 0 to 65535, not '${value}'.`);
  }
  return port;
}

function usage(message: string): StartError {
  return new StartError(ExitCode.USAGE, `${message} See em-echo-server --help`);
}
