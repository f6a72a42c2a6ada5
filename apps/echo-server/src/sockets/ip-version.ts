const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Returns the version of an IP address, or 0 for any other text. Loads `node:net` only for a text that may be IPv6. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) {
    return 4;
  }
  return text.includes(':') && process.getBuiltinModule('node:net').isIPv6(text) ? 6 : 0;
}
