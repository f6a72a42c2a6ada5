import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Options, readCommand } from '../../src/cli/command.js';
import { FLAGS, type Flag, type FlagValues } from '../../src/cli/flags.js';
import { ExitCode, StartError } from '../../src/errors.js';

beforeEach(() => {
  for (const { env } of Object.values(FLAGS)) {
    vi.stubEnv(env, undefined);
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function options(...args: string[]): Options {
  const request = readCommand(args);
  if (request.kind !== 'serve') {
    throw new Error(`it prints: ${request.text}`);
  }
  return request.options;
}

/** The message of the refusal, which must be bad usage, on one line. */
function refusal(...args: string[]): string {
  try {
    readCommand(args);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    const { exitCode, message } = error as StartError;
    expect(exitCode).toBe(ExitCode.USAGE);
    expect(message).toMatch(/^[^\n]+ \(see em-echo-server --help\)$/);
    return message;
  }
  throw new Error(`accepted: ${args.join(' ')}`);
}

/** For each flag: a value other than the default, what it is read as, and wrong values. */
const values: { readonly [N in keyof FlagValues]: readonly [good: string, read: FlagValues[N], ...bad: string[]] } = {
  listen: ['unix:/a b', [{ transport: 'unix', path: '/a b' }], '', 'localhost:7', 'http://a:1', 'tcp://a', 'tcp:a:1'],
  host: ['::1', '::1', '', ' ', 'fe80::1%eth0', 'a b'],
  port: ['0', 0, '', '65536', '-1', '1.5', '0x50', '1e3', ' 80', 'http', '99999999999999999999'],
  ipv6: ['only', 'only', '', 'ONLY', 'on', '4'],
  backlog: ['1', 1, '', '0', '-1', '2147483648'],
  workers: ['256', 256, '', '0', '257', 'auto'],
  maxConnections: ['19000', 19_000, '', '-1', '2147483648', 'many'],
  idleMs: ['1', 1, '', '-1', '2147483648', '0.5', '60s'],
  keepAliveMs: ['32767000', 32_767_000, '', '-1', '32767001', '60s'],
  drainMs: ['0', 0, '', '-1', '2147483648', 'never'],
  bufferBytes: ['4096', 4096, '', '4095', '1073741825', '64k'],
  totalBufferBytes: ['1099511627776', 1024 ** 4, '', '4095', '1099511627777', '1G'],
  datagramsPerSource: ['0', Number.POSITIVE_INFINITY, '', '-1', '2147483648', 'many'],
  metrics: ['[::1]:0', { host: '::1', port: 0 }, '', '9100', 'localhost', 'http://a:1', 'a:65536'],
  statsMs: ['1', 1, '', '-1', '2147483648', '60s'],
  logLevel: ['off', 'off', '', 'INFO', 'all', 'warn'],
  format: ['json', 'json', '', 'JSON', 'xml'],
};

/** The value of a flag in the options. */
function readOf(name: keyof FlagValues, from: Options): unknown {
  const [endpoint] = from.endpoints;
  switch (name) {
    case 'listen':
      return from.endpoints;
    case 'host':
    case 'port':
      return endpoint?.transport === 'tcp' ? endpoint[name] : undefined;
    default:
      return from[name];
  }
}

describe.each(Object.entries(FLAGS) as [keyof FlagValues, Flag<unknown>][])('%s', (name, { flags, env, fallback }) => {
  const [flag = ''] = flags.split(' ');
  const [good, read, ...bad] = values[name];

  test('has its default without a flag and a variable', () => {
    if (fallback !== undefined) {
      expect(readOf(name, options())).toEqual(readOf(name, options(flag, fallback)));
    }
    expect(readOf(name, options())).not.toEqual(read);
  });

  test('is read from the flag, with a space or =', () => {
    expect(readOf(name, options(flag, good))).toEqual(read);
    expect(readOf(name, options(`${flag}=${good}`))).toEqual(read);
  });

  test('is read from the environment, unless the variable is empty', () => {
    vi.stubEnv(env, good);
    expect(readOf(name, options())).toEqual(read);
    vi.stubEnv(env, '');
    expect(readOf(name, options())).toEqual(readOf(name, options()));
    expect(readOf(name, options())).not.toEqual(read);
  });

  test('overrides the environment, even if the variable is wrong', () => {
    vi.stubEnv(env, 'nonsense of many kinds');
    expect(readOf(name, options(flag, good))).toEqual(read);
  });

  test.each(bad)("refuses '%s'", (value) => {
    expect(refusal(`${flag}=${value}`)).toContain(
      `option '${flags}' argument '${value.trim() === '' ? '' : value}`.trim(),
    );
    if (value !== '') {
      vi.stubEnv(env, value);
      expect(refusal()).toContain(`from env '${env}' is invalid`);
    }
  });

  test('is refused without a value', () => {
    expect(refusal(flag)).toBe(`option '${flags}' argument missing (see em-echo-server --help)`);
  });

  test('is refused if it is given twice, unless it is a list', () => {
    if (name !== 'listen') {
      expect(refusal(flag, good, flag, good)).toContain(`option '${flags}' was given twice`);
    }
  });
});

describe('where to listen', () => {
  const tcp = (host: string, port: number) => ({ transport: 'tcp', host, port });

  test('defaults to TCP port 7007', () => {
    expect(options()).toMatchObject({ endpoints: [tcp('127.0.0.1', 7007)], isDefaultEndpoint: true });
    expect(options('--port', '7007')).toMatchObject({ endpoints: [tcp('127.0.0.1', 7007)], isDefaultEndpoint: false });
  });

  test('can be several endpoints, in order', () => {
    expect(options('--listen', 'tcp://a:1', '--listen=udp://[::1]:0', '--listen', 'unix:@b').endpoints).toEqual([
      tcp('a', 1),
      { transport: 'udp', host: '::1', port: 0 },
      { transport: 'unix', path: '\0b' },
    ]);
    vi.stubEnv('EM_ECHO_LISTEN', ' tcp://a:1  unix:/b\tfd:3 ');
    expect(options().endpoints).toEqual([tcp('a', 1), { transport: 'unix', path: '/b' }, { transport: 'fd', fd: 3 }]);
  });

  test('is taken from flags rather than from the environment, in both forms', () => {
    vi.stubEnv('EM_ECHO_LISTEN', 'tcp://a:1');
    expect(options('--port', '2').endpoints).toEqual([tcp('127.0.0.1', 2)]);
    expect(options().endpoints).toEqual([tcp('a', 1)]);
    vi.stubEnv('EM_ECHO_LISTEN', undefined);
    vi.stubEnv('EM_ECHO_PORT', '3');
    expect(options('--listen', 'tcp://a:1').endpoints).toEqual([tcp('a', 1)]);
    expect(options('--host', 'b').endpoints).toEqual([tcp('b', 3)]);
  });

  test('cannot be given in both forms', () => {
    const message =
      '--host and --port are the short form of --listen: give one or the other (see em-echo-server --help)';
    expect(refusal('--listen', 'tcp://a:1', '--port', '2')).toBe(message);
    vi.stubEnv('EM_ECHO_LISTEN', 'tcp://a:1');
    vi.stubEnv('EM_ECHO_HOST', 'a');
    expect(refusal()).toBe(message);
  });

  test('cannot have an endpoint twice, except any free port', () => {
    expect(refusal('--listen', 'unix:/a', '--listen', 'unix:/a')).toContain("'unix:/a' was given twice");
    expect(options('--listen', 'tcp://a:0', '--listen', 'tcp://a:0').endpoints).toHaveLength(2);
  });
});

describe('limits that workers share', () => {
  test('must be large enough for each worker', () => {
    expect(refusal('--buffer-bytes', '8192', '--total-buffer-bytes', '8191')).toContain('must not be less than');
    expect(refusal('--buffer-bytes', '8192', '--total-buffer-bytes', '16383', '--workers', '2')).toContain('--workers');
    expect(refusal('--max-connections', '3', '--workers', '4')).toContain('must not be less than --workers');
    expect(options('--max-connections', '4', '--workers', '4')).toMatchObject({ maxConnections: 4, workers: 4 });
  });
});

describe('an unknown flag', () => {
  test.each([
    ['--prot', '--port'],
    ['--hots=x', '--host'],
    ['--verison', '--version'],
    ['--drain', '--drain-ms'],
  ])('%s is refused, and the message suggests %s', (typed, meant) => {
    expect(refusal(typed)).toMatch(new RegExp(`^unknown option '${typed}' \\(Did you mean .*${meant}`));
  });

  test.each(['--frobnicate', '-x', '--toString', '--__proto__'])(
    '%s is refused, and the message suggests nothing',
    (typed) => {
      expect(refusal(typed)).toBe(`unknown option '${typed}' (see em-echo-server --help)`);
    },
  );

  test.each(['7007', ''])("'%s' is refused, because it is not a flag", (argument) => {
    expect(refusal(argument)).toMatch(/^too many arguments/);
    expect(refusal('--', argument)).toMatch(/^too many arguments/);
  });

  test('with line breaks is refused on one line', () => {
    expect(refusal('--a\nb')).toContain("unknown option '--a b'");
    expect(refusal('--port', '1\n2')).toContain("argument '1 2' is invalid");
  });
});

describe('help and version', () => {
  test('are printed even if the environment is wrong', () => {
    vi.stubEnv('EM_ECHO_PORT', 'http');
    expect(readCommand(['--help'])).toMatchObject({ kind: 'print', text: expect.stringContaining('Examples:') });
    expect(readCommand(['-h'])).toEqual(readCommand(['--help']));
    expect(readCommand(['--version'])).toMatchObject({ kind: 'print', text: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  test('have no value', () => {
    expect(refusal('--help=yes')).toMatch(/^unknown option '--help=yes'/);
  });
});
