import { describe, expect, test } from 'vitest';
import { helpText, readOptions } from '../src/options.ts';
import { QUESTIONS } from '../src/questions/index.ts';

describe('readOptions()', () => {
  test('takes every question where none is named, and those that are', () => {
    expect(readOptions([], QUESTIONS).questions).toEqual(QUESTIONS);
    expect(readOptions(['round-trip'], QUESTIONS).questions.map(({ name }) => name)).toEqual(['round-trip']);
  });

  test('makes less effort when it is to be quick', () => {
    const [thorough, quick] = [readOptions([], QUESTIONS).effort, readOptions(['--quick'], QUESTIONS).effort];
    expect(quick.rounds * quick.roundMs).toBeLessThan((thorough.rounds * thorough.roundMs) / 10);
  });

  test('names the questions that there are when it does not know one', () => {
    expect(() => readOptions(['nonsense'], QUESTIONS)).toThrow(
      /^There is no question called nonsense; there are: .*round-trip/,
    );
  });
});

test('the help names every question', () => {
  const help = helpText(QUESTIONS);
  for (const { name, title } of QUESTIONS) {
    expect(help).toMatch(new RegExp(`^  ${name} +${title}$`, 'm'));
  }
});
