import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCommand } from '../src/cli/command.js';
import { FLAGS } from '../src/cli/flags.js';
import { METRICS } from '../src/counters.js';
import { ExitCode } from '../src/errors.js';

const page = readFileSync(new URL('../docs/em-echo-server.1.md', import.meta.url), 'utf8');
const request = readCommand(['--help']);
const help = request.kind === 'print' ? request.text : '';

/** The rows of the table in a section, without its head. */
function rowsOf(section: string, from: string = page): string[] {
  const [, text = ''] = from.split(`\n## ${section}\n`);
  const rows = (text.split('\n## ', 1)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2);
}

/** The page with other rows in the table of a section. */
function withRows(text: string, section: string, rows: readonly (readonly string[])[]): string {
  const [before, rest = ''] = text.split(`\n## ${section}\n`);
  const table = rows.map((cells) => `| ${cells.join(' | ')} |\n`.replaceAll(/\| {2}(?=\|)/g, '| ')).join('');
  return `${before}\n## ${section}\n${rest.replace(/^(\|(?:-+\|)+\n)(?:\|.*\n)*/m, (_, head) => head + table)}`;
}

describe('the manual page', () => {
  test('has the flags, the metrics and the exit codes of the program; if not, run vitest with -u', async () => {
    const flags = Object.values(FLAGS).map(({ flags, env, fallback = '', text }) => {
      return [`\`${flags}\``, `\`${env}\``, fallback, text];
    });
    flags.push(['`-h`, `--help`', '', '', 'print this help'], ['`--version`', '', '', 'print the version']);
    const metrics = METRICS.map(({ name, count, help }) => [`\`${name}\``, `\`${count}\``, help]);
    const [, codes = ''] = help.split('Exit codes:\n');
    const exits = codes.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(exits.map(([code]) => code)).toEqual(['0', ...Object.values(ExitCode).map(String), '128 + n']);
    const updated = [
      ['Options', flags] as const,
      ['Metrics and health', metrics] as const,
      ['Exit status', exits] as const,
    ].reduce((text, [section, rows]) => withRows(text, section, rows), page);
    await expect(updated).toMatchFileSnapshot('../docs/em-echo-server.1.md');
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
      '.TP\n\\fB--port <number>\\fR (Environment: \\fBEM_ECHO_PORT\\fR) (Default: 7007)\nlisten on this TCP port',
    );
  });

  test.skipIf(spawnSync('man', ['--version']).status !== 0)('is displayed without a warning', () => {
    const file = fileURLToPath(new URL('../dist/em-echo-server.1', import.meta.url));
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^EM-ECHO-SERVER\(1\) .*\n\nNAME\n +em-echo-server +. sends back every/);
  });
});

test('each fault in how-we-test.md has a test of that title', () => {
  const rows = rowsOf(
    'Faults of the echo server',
    readFileSync(new URL('../../../docs/how-we-test.md', import.meta.url), 'utf8'),
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const [, file = '', title = ''] = /^\| .+ \| `(.+)` \| (.+) \|$/.exec(row) ?? [];
    expect(readFileSync(new URL(file, import.meta.url), 'utf8'), row).toContain(`'${title}'`);
  }
});
