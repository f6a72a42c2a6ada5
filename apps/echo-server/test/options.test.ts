import { describe, expect, test } from 'vitest';
import { type Command, readCommand } from '../src/options.js';
import { ExitCode, StartError } from '../src/start-error.js';

/** The message of the refusal, which must be one of bad usage, on one line. */
function refusal(args: string[], env: Record<string, string> = {}): string {
  try {
    readCommand(args, env);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).exitCode).toBe(ExitCode.USAGE);
    expect((error as StartError).message).not.toContain('\n');
    return (error as StartError).message;
  }
  throw new Error(`accepted: ${args.join(' ')}`);
}

function serving(host: string, port: number): Command {
  return { kind: 'serve', options: { host, port } };
}

describe('where a value comes from', () => {
  test('without anything it is the default', () => {
    expect(readCommand([], {})).toEqual(serving('127.0.0.1', 7007));
  });

  test('the environment goes before the default', () => {
    expect(readCommand([], { EM_ECHO_HOST: '::1', EM_ECHO_PORT: '9000' })).toEqual(serving('::1', 9000));
  });

  test('a flag goes before the environment', () => {
    const env = { EM_ECHO_HOST: '::1', EM_ECHO_PORT: 'nonsense' };
    expect(readCommand(['--host', 'localhost', '--port=0'], env)).toEqual(serving('localhost', 0));
  });

  test('an empty variable is an unset one', () => {
    expect(readCommand([], { EM_ECHO_HOST: '', EM_ECHO_PORT: '' })).toEqual(serving('127.0.0.1', 7007));
  });

  test('of a repeated flag the last one counts', () => {
    expect(readCommand(['--port', '1', '--port', '2'], {})).toEqual(serving('127.0.0.1', 2));
  });
});

describe('ports', () => {
  test.each(['0', '1', '65535'])('%s is one', (port) => {
    expect(readCommand(['--port', port], {})).toEqual(serving('127.0.0.1', Number(port)));
  });

  test.each(['65536', '-1', '1.5', '0x50', '1e3', ' 80', 'http', '', '99999999999'])("'%s' is none", (port) => {
    expect(refusal(['--port', port])).toBe(
      `--port must be a whole number from 0 to 65535, not '${port}'. See em-echo-server --help`,
    );
  });

  test('a bad one from the environment is blamed on the variable', () => {
    expect(refusal([], { EM_ECHO_PORT: 'http' })).toMatch(/^EM_ECHO_PORT must be a whole number/);
  });
});

describe('hosts', () => {
  test.each(['', ' ', 'fe80::1%eth0'])("'%s' is none", (host) => {
    expect(refusal([`--host=${host}`])).toMatch(/^--host must be an IP address without a zone, or a host name/);
  });
});

describe('flags', () => {
  test.each([
    ['--prot', '--port'],
    ['--hots=x', '--host'],
    ['--verison', '--version'],
    ['--po', '--port'],
  ])('%s is unknown, and %s is suggested', (typed, meant) => {
    expect(refusal([typed])).toBe(
      `unknown option '${typed.split('=')[0]}'. Did you mean ${meant}? See em-echo-server --help`,
    );
  });

  test.each(['--listen', '-x', '--toString', '--__proto__'])('%s is unknown, and nothing is suggested', (typed) => {
    expect(refusal([typed])).toBe(`unknown option '${typed}'. See em-echo-server --help`);
  });

  test.each([[['--port']], [['--port', '--host']], [['--port', '-h']]])('%j lacks a value', (args) => {
    expect(refusal(args)).toBe('--port needs a value, as in --port 7007. See em-echo-server --help');
  });

  test('a value for one that takes none is refused', () => {
    expect(refusal(['--help=yes'])).toMatch(/^--help takes no value/);
  });

  test.each([[['7007']], [['--', '--port']]])('%j has an argument that is no flag', (args) => {
    expect(refusal(args)).toBe(`unexpected argument '${args.at(-1)}'. See em-echo-server --help`);
  });
});

describe('help and version', () => {
  test.each([
    [['--help'], 'help'],
    [['-h'], 'help'],
    [['--version'], 'version'],
  ])('%j asks for the %s', (args, kind) => {
    expect(readCommand(args, {})).toEqual({ kind });
  });

  test('they are given in an environment that is wrong', () => {
    expect(readCommand(['--help'], { EM_ECHO_PORT: 'http' })).toEqual({ kind: 'help' });
  });
});
