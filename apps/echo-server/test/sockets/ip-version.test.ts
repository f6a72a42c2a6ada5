import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { ipVersion } from '../../src/sockets/ip-version.js';

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
