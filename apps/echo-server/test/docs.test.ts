import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCommand } from '../src/cli/command.js';
import { FLAGS } from '../src/cli/flags.js';
import { ExitCode } from '../src/cli/start-error.js';
import { METRICS } from '../src/observability/metrics.js';

const page = readFileSync(new URL('../docs/em-echo-server.1.md', import.meta.url), 'utf8');
const request = readCommand(['--help']);
const help = request.kind === 'print' ? request.text : '';

/** The rows of the table in a section, without its head. */
function rowsOf(section: string): string[] {
  const [, text = ''] = page.split(`\n## ${section}\n`);
  const rows = (text.split('\n## ', 1)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2);
}

describe('the manual page', () => {
  test('has every flag as in the help', () => {
    const flags = Object.values(FLAGS).map(
      ({ flags, env, fallback, text }) =>
        `| \`${flags}\` | \`${env}\` |${fallback === undefined ? '' : ` ${fallback}`} | ${text} |`,
    );
    expect(rowsOf('Options').slice(0, -2)).toEqual(flags);
    expect(rowsOf('Options').slice(-2)).toEqual([
      '| `-h`, `--help` | | | print this help |',
      '| `--version` | | | print the version |',
    ]);
  });

  test('has every metric as in /metrics', () => {
    expect(rowsOf('Metrics and health')).toEqual(
      METRICS.map(({ name, key, help }) => `| \`${name}\` | \`${key}\` | ${help} |`),
    );
  });

  test('has every exit code as in the help', () => {
    const [, codes = ''] = help.split('Exit codes:\n');
    const rows = codes.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rowsOf('Exit status')).toEqual(rows.map(([code, text]) => `| ${code} | ${text} |`));
    expect(rows.map(([code]) => code)).toEqual(['0', ...Object.values(ExitCode).map(String), '128 + n']);
  });

  test('has every form of --listen as in the help', () => {
    const [, where = ''] = help.split('Where to listen:\n');
    const forms = [...where.matchAll(/(?:^ {2}|; )((?:tcp|udp|unix|unixgram|fd):\S+)/gm)].map(([, form]) => form);
    expect(forms.length).toBeGreaterThan(6);
    for (const form of forms) {
      expect(rowsOf('Where to listen').join('\n')).toContain(`\`${form}\``);
    }
  });

  test('has valid examples', () => {
    const [, examples = ''] = page.split('\n## Examples\n');
    const commands = [...examples.matchAll(/^em-echo-server (.*)$/gm)];
    expect(commands).toHaveLength(3);
    for (const [, args = ''] of commands) {
      expect(readCommand(args.split(' ')).kind).toBe('serve');
    }
  });
});
