import { Command, CommanderError, Option } from 'commander';
import { ExitCode, StartError } from '../errors.js';
import { version } from '../version.js';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { FLAGS, type Flag, type FlagValues } from './flags.js';

/** The values from the command line, the environment, and the defaults. */
export interface Options extends Omit<FlagValues, 'listen' | 'host' | 'port'> {
  readonly endpoints: readonly Endpoint[];
  /** Whether neither the command line nor the environment says where to listen. */
  readonly isDefaultEndpoint: boolean;
}

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'serve'; readonly options: Options }
  | { readonly kind: 'print'; readonly text: string };

const HELP_WIDTH = 100;

/** The beginning of the help. */
const EXAMPLES = `Sends back every message (RFC 862), over TCP, UDP and unix sockets.

Examples:
  em-echo-server                             on TCP port 7007, for this machine only
  em-echo-server --host 0.0.0.0 --port 7     on the port of RFC 862, for the network too
  em-echo-server --port 0                    on any free port, which the ready line shows
  em-echo-server --listen tcp://[::]:7007 --listen udp://[::]:7007 --listen unix:/run/echo.sock
                                             on several sockets
  EM_ECHO_LISTEN=unix:@echo em-echo-server   configured by the environment
  echo hello | nc -N 127.0.0.1 7007          a client
`;

/** The end of the help. */
const NOTES = `
Where to listen:
  tcp://host:port   a TCP port; write an IPv6 address in brackets, [::] also accepts IPv4
  udp://host:port   a UDP port
  unix:path         a unix stream socket; unix:@name for an abstract name
  unixgram:path     a unix datagram socket; unixgram:@name for an abstract name
  fd:number         an inherited socket of any of these kinds; fd:name by its name (LISTEN_FDNAMES)

Without --listen, --host and --port, the server uses the sockets of the service manager (LISTEN_FDS)
if there are any. A flag overrides its environment variable, which overrides the default.
To stop the server, press Ctrl-C or send SIGTERM.

Exit codes:
  0        stopped
  ${ExitCode.FAILED}        failed while serving
  ${ExitCode.USAGE}        bad usage: an unknown flag, a missing or wrong value
  ${ExitCode.CANNOT_LISTEN}        cannot listen: the address is in use, not permitted, or does not exist
  128 + n  a second signal, number n, ended the server at once`;

/**
 * Reads the command line. A flag overrides its environment variable, which overrides the default. An empty variable counts
 * as unset, and is deleted from the environment.
 *
 * @param args - The arguments after the name of the program.
 * @throws StartError with `ExitCode.USAGE` if a flag is unknown, given twice, or has no value or a wrong one; if an
 * argument is not a flag; or if values contradict each other.
 */
export function readCommand(args: readonly string[]): Request {
  const printed: string[] = [];
  const program = new Command('em-echo-server')
    .usage('[options]')
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', NOTES)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printed.push(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
    });
  declareFlags(program);
  // Commander's own help option comes last, after the error for a wrong variable in the environment.
  program
    .helpOption(false)
    .option('-h, --help', 'print this help')
    .on('option:help', () => program.help())
    .version(version(), '--version', 'print the version');
  try {
    program.parse(args, { from: 'user' });
    return { kind: 'serve', options: toOptions(program) };
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    if (error.exitCode === 0) {
      return { kind: 'print', text: printed.join('').trimEnd() };
    }
    throw usageError(error);
  }
}

function declareFlags(program: Command): void {
  for (const { flags, env, fallback, text, isList, read } of Object.values<Flag<unknown>>(FLAGS)) {
    const option = new Option(flags, text).env(env);
    option.argParser<unknown>((value, previous) => (isList ? [previous ?? [], read(value)].flat() : read(value)));
    if (fallback !== undefined) {
      option.default(read(fallback), fallback);
    }
    program.addOption(option);
    if (!isList) {
      refuseTwice(program, option);
    }
    if (process.env[env] === '') {
      delete process.env[env];
    }
  }
}

function refuseTwice(program: Command, option: Option): void {
  let isGiven = false;
  program.on(`option:${option.name()}`, () => {
    if (isGiven) {
      program.error(`option '${option.flags}' was given twice`);
    }
    isGiven = true;
  });
}

function toOptions(program: Command): Options {
  const { listen, host, port, ...others } = program.opts<FlagValues>();
  const { workers, maxConnections, bufferBytes, totalBufferBytes } = others;
  if (totalBufferBytes < bufferBytes * workers) {
    program.error('--total-buffer-bytes must not be less than --buffer-bytes times --workers');
  }
  if (maxConnections < workers) {
    program.error('--max-connections must not be less than --workers');
  }
  const listenRank = rankOf(program, 'listen');
  const shortRank = Math.max(rankOf(program, 'host'), rankOf(program, 'port'));
  if (listenRank > 0 && listenRank === shortRank) {
    program.error('--host and --port are the short form of --listen: give one or the other');
  }
  const endpoints: readonly Endpoint[] =
    listen !== undefined && listenRank > shortRank ? listen : [{ transport: 'tcp', host, port }];
  const twice = repeated(endpoints.map(formatEndpoint));
  if (twice !== undefined) {
    program.error(`'${twice}' was given twice`);
  }
  return { ...others, endpoints, isDefaultEndpoint: listenRank + shortRank === 0 };
}

/** 2 for a value of a flag, 1 for one of the environment, 0 for a default. */
function rankOf(program: Command, name: keyof FlagValues): number {
  return ['env', 'cli'].indexOf(program.getOptionValueSource(name) ?? '') + 1;
}

function repeated(urls: readonly string[]): string | undefined {
  return urls.find((url, i) => !url.endsWith(':0') && urls.indexOf(url) !== i);
}

function usageError(error: CommanderError): StartError {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return new StartError(ExitCode.USAGE, `${message} (see em-echo-server --help)`, { cause: error });
}
