import { expect, test, vi } from 'vitest';
import { measure } from '../src/measure.ts';
import {
  CannotRun,
  type Case,
  type Contestant,
  type Effort,
  type Figures,
  type Running,
  type Target,
} from '../src/question.ts';

const EFFORT: Effort = { rounds: 4, roundMs: 0, warmUpMs: 0 };
const quiet = (): void => undefined;

/** A contestant with the given costs, round by round. It logs its turns. */
function scripted(name: string, costs: readonly number[], log: string[] = []): Contestant {
  const queue = [...costs];
  const running: Running = {
    round: () => {
      log.push(name);
      const wallNs = queue.shift();
      return Promise.resolve(wallNs === undefined ? {} : { wallNs });
    },
    stop: () => {
      log.push(`${name} stops`);
      return Promise.resolve();
    },
  };
  return { name, start: () => Promise.resolve(running) };
}

const absent: Contestant = {
  name: 'absent',
  start: () => Promise.reject(new CannotRun('not installed')),
};

function caseOf(contestants: readonly Contestant[], targets: readonly Target[] = []): Case {
  return { title: 'a case', operation: 'operation', metrics: ['wallNs'], contestants, targets };
}

test('contestants take turns, and a different one is first in each round', async () => {
  const log: string[] = [];
  const costs = [1, 1, 1, 1];
  await measure(caseOf([scripted('a', costs, log), scripted('b', costs, log)]), EFFORT, quiet);
  expect(log).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a', 'a stops', 'b stops']);
});

test('ratios are calculated per round, so that a slow round does not change them', async () => {
  const { rows } = await measure(
    caseOf([scripted('a', [10, 90, 10, 50]), scripted('b', [20, 180, 20, 100])]),
    EFFORT,
    quiet,
  );
  expect(rows.map(({ figures }) => figures.wallNs)).toEqual([
    { median: 30, low: 10, high: 60 },
    { median: 60, low: 20, high: 120 },
  ]);
  expect(rows.map(({ ratios }) => ratios.wallNs)).toEqual([undefined, { median: 2, low: 2, high: 2 }]);
});

test('a contestant that is missing or fails gets a reason instead of figures, and the others continue', async () => {
  const { rows } = await measure(
    caseOf([scripted('a', [1, 1, 1, 1]), absent, scripted('runs dry', [1, 1])]),
    EFFORT,
    quiet,
  );
  expect(rows.map(({ contestant, unavailable }) => [contestant, unavailable])).toEqual([
    ['a', undefined],
    ['absent', 'not installed'],
    ['runs dry', 'a round did not report wallNs'],
  ]);
  expect(rows[0]?.figures.wallNs?.median).toBe(1);
});

test('a target is met or missed by the median, and is neither if one of the two did not run', async () => {
  const contestants = [scripted('a', [10, 10, 10, 10]), scripted('b', [12, 12, 12, 99]), absent];
  const target = { metric: 'wallNs', of: 'b', to: 'a' } as const;
  const { verdicts } = await measure(
    caseOf(contestants, [
      { ...target, claim: 'low enough', bound: { atMost: 1.2 } },
      { ...target, claim: 'too high', bound: { atMost: 1.19 } },
      { ...target, claim: 'fast enough', bound: { rateAtLeast: 0.8 } },
      { ...target, claim: 'too slow', bound: { rateAtLeast: 0.9 } },
      { ...target, claim: 'unknown', of: 'absent', bound: { atMost: 1 } },
    ]),
    EFFORT,
    quiet,
  );
  expect(verdicts.map(({ claim, met }) => [claim, met])).toEqual([
    ['low enough', true],
    ['too high', false],
    ['fast enough', true],
    ['too slow', false],
    ['unknown', undefined],
  ]);
});

test('operations are doubled until a round is long enough, and then adapted to its duration', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const asked: number[] = [];
  const round = (operations: number): Promise<Figures> => {
    asked.push(operations);
    vi.advanceTimersByTime(operations);
    return Promise.resolve({ wallNs: 1 });
  };
  const steady: Contestant = { name: 'a', start: () => Promise.resolve({ round, stop: () => Promise.resolve() }) };
  try {
    await measure(caseOf([steady]), { rounds: 2, roundMs: 20, warmUpMs: 40 }, quiet);
  } finally {
    vi.useRealTimers();
  }
  expect(asked).toEqual([1, 2, 4, 8, 16, 16, 20, 20]);
});
