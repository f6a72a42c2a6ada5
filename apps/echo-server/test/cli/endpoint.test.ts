import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint, ipVersion, readEndpoint } from '../../src/cli/endpoint.js';

test.each<[string, Endpoint]>([
  ['tcp://127.0.0.1:7007', { transport: 'tcp', host: '127.0.0.1', port: 7007 }],
  ['tcp://localhost:0', { transport: 'tcp', host: 'localhost', port: 0 }],
  ['tcp://[::1]:65535', { transport: 'tcp', host: '::1', port: 65_535 }],
  ['udp://[::]:7', { transport: 'udp', host: '::', port: 7 }],
  ['unix:/run/echo.sock', { transport: 'unix', path: '/run/echo.sock' }],
  ['unix:echo@home:1', { transport: 'unix', path: 'echo@home:1' }],
  ['unix:@echo', { transport: 'unix', path: '\0echo' }],
  ['unixgram:./a b', { transport: 'unixgram', path: './a b' }],
  ['unixgram:@a', { transport: 'unixgram', path: '\0a' }],
  ['fd:0', { transport: 'fd', fd: 0 }],
  ['fd:web', { transport: 'fd', fd: 'web' }],
])('%s is read, and formatted as it was', (text, endpoint) => {
  expect(readEndpoint(text)).toEqual(endpoint);
  expect(formatEndpoint(endpoint)).toBe(text);
});

describe('text that is not an endpoint is refused with a message that says what it must be', () => {
  const FORM = 'It must have the form host:port, with an IPv6 address in brackets: [::1]:7007.';
  const PATH = 'It must have a path, or @ and a name, of at most 107 bytes.';
  test.each([
    ['', 'It must begin with tcp://, udp://, unix:, unixgram: or fd:.'],
    ['127.0.0.1:7', 'It must begin with tcp://, udp://, unix:, unixgram: or fd:.'],
    ['TCP://a:1', 'It must begin with tcp://, udp://, unix:, unixgram: or fd:.'],
    ['tcp:a:1', 'It must begin with tcp://, udp://, unix:, unixgram: or fd:.'],
    ['tcp://a', FORM],
    ['tcp://::1:7', FORM],
    ['tcp://[::1:7', FORM],
    ['tcp://[::1]', FORM],
    ['tcp://a:1:2', FORM],
    ['tcp://[127.0.0.1]:7', 'The host in brackets must be an IPv6 address.'],
    ['tcp://:7', 'The host must be an IP address without a zone, or a name.'],
    ['udp://[fe80::1%eth0]:7', 'The host must be an IP address without a zone, or a name.'],
    ['udp://a b:7', 'The host must be an IP address without a zone, or a name.'],
    ['tcp://a:', 'The port must be an integer from 0 to 65535.'],
    ['tcp://a:65536', 'The port must be an integer from 0 to 65535.'],
    ['tcp://a:7/', 'The port must be an integer from 0 to 65535.'],
    ['unix:', PATH],
    ['unix:@', PATH],
    [`unix:${'ä'.repeat(54)}`, PATH],
    [`unixgram:@${'x'.repeat(107)}`, PATH],
    ['fd:', 'It must be an integer from 0 to 2147483647.'],
    ['fd:-1', 'It must be an integer from 0 to 2147483647.'],
    ['fd:2147483648', 'It must be an integer from 0 to 2147483647.'],
    ['fd:3x', 'It must be an integer from 0 to 2147483647.'],
  ])("'%s'", (text, message) => {
    expect(() => readEndpoint(text)).toThrow(message);
  });

  test('the longest paths and names are read', () => {
    expect(readEndpoint(`unix:${'x'.repeat(107)}`)).toMatchObject({ transport: 'unix' });
    expect(readEndpoint(`unix:@${'x'.repeat(106)}`)).toMatchObject({ transport: 'unix' });
  });
});

test.each([
  ...['0.0.0.0', '127.0.0.1', '255.255.255.255', '9.19.99.199', '1.2.3.4'],
  ...['', '1', '1.2.3', '1.2.3.4.5', '1.2.3.', '.1.2.3', '1..2.3', '256.1.1.1', '1.2.3.256', '300.1.1.1', '1.2.3.1000'],
  ...['01.2.3.4', '1.2.3.04', '00.0.0.0', ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4\n', '0x1.2.3.4', '-1.2.3.4', '1,2,3,4'],
  ...[
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    '::ffff:1.2.3.4',
    '2001:db8::/32',
    ':',
    ':::',
    '1:2',
    '[::1]',
    'a:b',
    '::g',
  ],
  ...['localhost', 'a.example', '1.2.3.example', 'example:80', '1.2.3.4:80'],
])("'%s' has the same version as in Node", (text) => {
  expect(ipVersion(text)).toBe(isIP(text));
});
