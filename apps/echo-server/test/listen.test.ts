import { describe, expect, test } from 'vitest';
import { listen, tcpUrl } from '../src/listen.js';
import type { Options } from '../src/options.js';
import { ExitCode, StartError } from '../src/start-error.js';

const listener = {
  fd: 3,
  address: { address: '127.0.0.1', port: 7007 },
  accept: () => undefined,
  close: () => undefined,
};

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: of some kind, bind`), { code });
}

async function refusal(options: Options, error: Error): Promise<StartError> {
  const attempt = listen(options, () => {
    throw error;
  });
  const refused = await attempt.catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(StartError);
  return refused as StartError;
}

test('an IP address is bound as it is', async () => {
  const bound: Options[] = [];
  await listen({ host: '::1', port: 7007 }, (options) => {
    bound.push(options);
    return listener;
  });
  expect(bound).toEqual([{ host: '::1', port: 7007 }]);
});

test('a name is bound by its address', async () => {
  const bound: Options[] = [];
  const result = await listen({ host: 'localhost', port: 7007 }, (options) => {
    bound.push(options);
    return listener;
  });
  expect(['127.0.0.1', '::1']).toContain(bound[0]?.host);
  expect(result).toBe(listener);
});

describe('what cannot be listened on is said with advice, and exits with 1', () => {
  test.each([
    ['EADDRINUSE', /the port is in use; .*--port/],
    ['EACCES', /the port is reserved; .*--port/],
    ['EADDRNOTAVAIL', /does not have that address; .*--host/],
    ['ENOTFOUND', /no such host; .*--host/],
    ['EMFILE', /: EMFILE: of some kind, bind$/],
  ])('%s', async (code, advice) => {
    const cause = systemError(code);
    const { exitCode, message, cause: kept } = await refusal({ host: '10.0.0.1', port: 80 }, cause);
    expect(exitCode).toBe(ExitCode.CANNOT_LISTEN);
    expect(message).toMatch(/^cannot listen on tcp:\/\/10\.0\.0\.1:80: /);
    expect(message).toMatch(advice);
    expect(kept).toBe(cause);
  });

  test('a name that cannot exist', async () => {
    // No label of a name has more than 63 letters, RFC 1035: nobody need be asked.
    const host = 'x'.repeat(64);
    await expect(listen({ host, port: 0 }, () => listener)).rejects.toThrow(`cannot listen on tcp://${host}:0: `);
  });
});

test('an IPv6 address stands in brackets', () => {
  expect(tcpUrl('::1', 7)).toBe('tcp://[::1]:7');
  expect(tcpUrl('127.0.0.1', 7)).toBe('tcp://127.0.0.1:7');
});
