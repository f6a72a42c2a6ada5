import { describe, expect, test } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { ExitCode, StartError } from '../../src/errors.js';
import { endpointsToOpen, inheritedSockets } from '../../src/sockets/inherited.js';

const PID = 42;

function refusal(call: () => unknown): StartError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return error as StartError;
  }
  throw new Error('it was accepted');
}

describe('the inherited sockets', () => {
  test('are counted from 3 on, and have names if there are any', () => {
    expect(inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'web::admin' }, PID)).toEqual([
      { fd: 3, name: 'web' },
      { fd: 4, name: undefined },
      { fd: 5, name: 'admin' },
    ]);
    expect(inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: '1' }, PID)).toEqual([{ fd: 3, name: undefined }]);
    expect(inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: '0' }, PID)).toEqual([]);
  });

  test.each([{}, { LISTEN_FDS: '1' }, { LISTEN_PID: '41', LISTEN_FDS: '1' }, { LISTEN_PID: '41', LISTEN_FDS: 'x' }])(
    'are ignored if they are for another process: %j',
    (env) => {
      expect(inheritedSockets(env, PID)).toEqual([]);
    },
  );

  test.each(['', '-1', '1.5', 'one', '9999999'])("cannot be '%s' in number", (count) => {
    const { exitCode, message } = refusal(() => inheritedSockets({ LISTEN_PID: '42', LISTEN_FDS: count }, PID));
    expect(exitCode).toBe(ExitCode.USAGE);
    expect(message).toBe(`LISTEN_FDS must be an integer, not '${count}'`);
  });
});

describe('where to listen', () => {
  const inherited = [
    { fd: 3, name: 'web' },
    { fd: 4, name: 'admin' },
    { fd: 5, name: 'web' },
  ];
  const said = (...urls: string[]) => ({ endpoints: urls.map(readEndpoint), isDefaultEndpoint: false });

  test('defaults to the inherited sockets', () => {
    const options = { endpoints: [readEndpoint('tcp://a:7007')], isDefaultEndpoint: true };
    expect(endpointsToOpen(options, inherited)).toEqual(['fd:3', 'fd:4', 'fd:5'].map(readEndpoint));
    expect(endpointsToOpen(options, [])).toEqual(options.endpoints);
  });

  test('is the endpoint that was given', () => {
    expect(endpointsToOpen(said('tcp://a:7007', 'fd:4'), inherited)).toEqual(
      ['tcp://a:7007', 'fd:4'].map(readEndpoint),
    );
  });

  test('can be a name, which several sockets may have', () => {
    expect(endpointsToOpen(said('fd:web', 'tcp://a:1'), inherited)).toEqual(
      ['fd:3', 'fd:5', 'tcp://a:1'].map(readEndpoint),
    );
  });

  test.each([
    ['fd:3', 'fd:web'],
    ['fd:web', 'fd:5'],
  ])('cannot be the same socket twice: %s and %s', (first, second) => {
    const { exitCode, message } = refusal(() => endpointsToOpen(said('tcp://a:1', first, second), inherited));
    expect(exitCode).toBe(ExitCode.USAGE);
    expect(message).toBe(`'${first}' and '${second}' are the same socket; give only one of them`);
  });

  test('cannot be a name that no socket has', () => {
    const { exitCode, message } = refusal(() => endpointsToOpen(said('fd:web'), []));
    expect(exitCode).toBe(ExitCode.CANNOT_LISTEN);
    expect(message).toBe('cannot listen on fd:web: no inherited socket has that name in LISTEN_FDNAMES');
  });
});
