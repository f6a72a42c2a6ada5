import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCommand } from '../src/cli/command.js';
import { FLAGS } from '../src/cli/flags.js';
import { ExitCode } from '../src/errors.js';
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

describe('the page for man(1)', () => {
  const roff = readFileSync(new URL('../dist/em-echo-server.1', import.meta.url), 'utf8');

  test('has every section, and every flag, signal, metric and exit status with a text of its own', () => {
    const titles = [...page.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title.toUpperCase());
    expect([...roff.matchAll(/^\.SH "(.*)"$/gm)].map(([, title]) => title)).toEqual(titles);
    const rows = [...page.matchAll(/^\|(?!---| Flag | Metric | \|).*$/gm)].length;
    expect([...roff.matchAll(/^\.TP\n\S.*\n\S/gm)]).toHaveLength(rows);
    expect(roff).toContain(
      '.TP\n\\fB--port <number>\\fR (Environment: \\fBEM_ECHO_PORT\\fR) (Default: 7007)\nwith --host, the short',
    );
  });

  test.skipIf(spawnSync('man', ['--version']).status !== 0)('is displayed without a warning', () => {
    const file = fileURLToPath(new URL('../dist/em-echo-server.1', import.meta.url));
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^EM-ECHO-SERVER\(1\) .*\n\nNAME\n +em-echo-server +. sends back every/);
  });
});
