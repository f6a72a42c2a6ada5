import { expect, test } from 'vitest';
import { readCommand } from '../../src/cli/command.js';
import { FLAGS } from '../../src/cli/flags.js';

const request = readCommand(['--help']);
const help = request.kind === 'print' ? request.text : '';

test('the help begins with examples, before the options', () => {
  expect(help.indexOf('Examples:')).toBeGreaterThan(0);
  expect(help.indexOf('Examples:')).toBeLessThan(help.indexOf('Options:'));
});

test('the help fits a terminal of 100 columns', () => {
  for (const line of help.split('\n')) {
    expect(line.length).toBeLessThanOrEqual(100);
  }
});

test('the help has every flag, with its variable and its default', () => {
  const words = help.replace(/\s+/g, ' ');
  for (const { flags, env, fallback, text } of Object.values(FLAGS)) {
    const extra = fallback === undefined ? `(env: ${env})` : `(default: ${fallback}, env: ${env})`;
    expect(words).toContain(`${flags} ${text} ${extra}`);
  }
});

test('the examples in the help are valid', () => {
  const examples = help.split('\n').filter((line) => /^ {2}em-echo-server/.test(line));
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) {
    const [, ...args] = example.trim().split(/ {2,}/, 1)[0]?.split(' ') ?? [];
    expect(readCommand(args).kind).toBe('serve');
  }
});
