import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compare, readResults } from '../src/against.ts';
import type { Results } from '../src/bench.ts';
import { BadUsage } from '../src/options.ts';
import type { Summary } from '../src/statistics.ts';

const around = (median: number, spread: number): Summary => ({ median, low: median - spread, high: median + spread });

/** Results of one case, whose contestants have these CPU times. The first is the reference. */
function results(costs: Readonly<Record<string, Summary>>, title: string = 'a case'): Results {
  const [reference] = Object.values(costs);
  const rows = Object.entries(costs).map(([contestant, cpuNs], index) => {
    const by = reference?.median ?? Number.NaN;
    const ratio = { median: cpuNs.median / by, low: cpuNs.low / by, high: cpuNs.high / by };
    return { contestant, figures: { cpuNs }, ratios: index === 0 ? {} : { cpuNs: ratio } };
  });
  const cases = [{ title, operation: 'wait', metrics: ['cpuNs'] as const, rows, verdicts: [] }];
  return { questions: [{ name: 'a-question', title: '', cases }] } as unknown as Results;
}

test('a cost that has grown by more than its spread is more, also on a machine that is twice as fast', () => {
  const former = results({ C: around(100, 1), em: around(110, 1) });
  const present = results({ C: around(50, 1), em: around(60, 1) });
  expect(compare(present, former)).toMatchObject([
    { contestant: 'C', isRatio: false, verdict: 'less' },
    { contestant: 'em', isRatio: true, verdict: 'more', change: { median: expect.closeTo(12 / 11) } },
  ]);
});

test('a cost that has shrunk by more than its spread is less', () => {
  const [, em] = compare(
    results({ C: around(100, 1), em: around(90, 1) }),
    results({ C: around(100, 1), em: around(100, 1) }),
  );
  expect(em).toMatchObject({ verdict: 'less', former: { median: 1 }, present: { median: 0.9 } });
});

test('a cost whose middle halves overlap is the same, whatever its median', () => {
  const [, em] = compare(
    results({ C: around(100, 1), em: around(115, 10) }),
    results({ C: around(100, 1), em: around(100, 10) }),
  );
  expect(em).toMatchObject({ verdict: 'same', change: { median: expect.closeTo(1.15) } });
  expect(em?.change.low).toBeLessThan(1);
  expect(em?.change.high).toBeGreaterThan(1);
});

test('only what both results have is compared', () => {
  const former = results({ C: around(100, 1), em: around(100, 1) });
  expect(compare(results({ C: around(100, 1), other: around(1, 0) }), former)).toHaveLength(1);
  expect(compare(results({ C: around(100, 1) }, 'another case'), former)).toEqual([]);
});

test('a file that has no results is refused before anything is measured', () => {
  const manifest = join(import.meta.dirname, '../package.json');
  expect(() => readResults(manifest)).toThrow(BadUsage);
  expect(() => readResults(`${manifest}.missing`)).toThrow(/^Cannot read the results in .*: ENOENT/);
  expect(() => readResults(import.meta.filename)).toThrow(/^Cannot read the results in .*JSON/);
});
