import { VALUE_OPTIONS, type ValueOption } from './options.js';

/** What `--help` prints. */
export function helpText(): string {
  const rows: [string, string][] = Object.entries<ValueOption>(VALUE_OPTIONS).map(
    ([name, { placeholder, text, env, fallback }]) => [
      `--${name} ${placeholder}`,
      `${text} (${env}; default ${fallback})`,
    ],
  );
  rows.push(['-h, --help', 'print this'], ['--version', 'print the version']);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return `Echoes over TCP what it is sent (RFC 862).

Examples:
  em-echo-server                        for this machine only, on port ${VALUE_OPTIONS.port.fallback}
  em-echo-server --host 0.0.0.0         for the network too
  em-echo-server --port 0               on any free port; the ready line tells which
  EM_ECHO_PORT=9000 em-echo-server      set by the environment
  echo hello | nc -N 127.0.0.1 ${VALUE_OPTIONS.port.fallback}     talks to it

Usage: em-echo-server [options]

Options:
${rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`).join('\n')}

A flag goes before its environment variable. Stop it with Ctrl-C or SIGTERM.
Exit codes: 0 stopped, 1 cannot listen, 2 bad usage, 128 + n by a second signal n.`;
}
