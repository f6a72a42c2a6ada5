import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { helpText } from '../src/help.js';
import { VALUE_OPTIONS, type ValueOption } from '../src/options.js';

const options = Object.entries<ValueOption>(VALUE_OPTIONS);

test('the help begins with examples, before the options', () => {
  expect(helpText().indexOf('Examples:')).toBeGreaterThan(0);
  expect(helpText().indexOf('Examples:')).toBeLessThan(helpText().indexOf('Options:'));
});

test('the help fits a terminal of 100 columns', () => {
  for (const line of helpText().split('\n')) {
    expect(line.length).toBeLessThanOrEqual(100);
  }
});

describe('every option stands with its variable and its default', () => {
  test.each(options)('--%s in the help', (name, { placeholder, env, fallback }) => {
    const line = helpText()
      .split('\n')
      .find((text) => text.trim().startsWith(`--${name} ${placeholder}`));
    expect(line).toContain(env);
    expect(line).toContain(`default ${fallback}`);
  });

  test.each(options)('--%s in the README', (name, { placeholder, env, fallback }) => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const row = readme.split('\n').find((line) => line.startsWith(`| \`--${name} ${placeholder}\``));
    expect(row).toContain(`\`${env}\``);
    expect(row).toContain(`\`${fallback}\``);
  });
});
