import { describe, expect, test } from 'vitest';
import { BadUsage, helpText, readOptions } from '../src/options.ts';
import { QUESTIONS } from '../src/questions/index.ts';

describe('readOptions()', () => {
  test('selects the questions that are named, or all questions', () => {
    expect(readOptions([], QUESTIONS).questions).toEqual(QUESTIONS);
    expect(readOptions(['round-trip'], QUESTIONS).questions.map(({ name }) => name)).toEqual(['round-trip']);
  });

  test('measures fewer and shorter rounds with --quick', () => {
    const [thorough, quick] = [readOptions([], QUESTIONS).effort, readOptions(['--quick'], QUESTIONS).effort];
    expect(quick.rounds * quick.roundMs).toBeLessThan((thorough.rounds * thorough.roundMs) / 10);
  });

  test('lists the questions if one is unknown', () => {
    expect(() => readOptions(['nonsense'], QUESTIONS)).toThrow(
      /^There is no question called nonsense; there are: .*round-trip/,
    );
  });
});

test('an unknown flag is bad usage', () => {
  expect(() => readOptions(['--nonsense'], QUESTIONS)).toThrow(BadUsage);
});

test('the help lists every question', () => {
  const help = helpText(QUESTIONS);
  for (const { name, title } of QUESTIONS) {
    expect(help).toMatch(new RegExp(`^  ${name} +${title}$`, 'm'));
  }
});
