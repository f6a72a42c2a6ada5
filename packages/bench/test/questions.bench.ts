import { beforeAll, describe, expect, test, vi } from 'vitest';
import { bench } from '../src/bench.ts';
import { toChart } from '../src/chart.ts';
import { toMarkdown } from '../src/markdown.ts';
import type { Effort } from '../src/question.ts';
import { QUESTIONS } from '../src/questions/index.ts';

/** Memory grows in steps, so a small number of connections can take none. */
const TINY: Effort = { rounds: 1, roundMs: 1, warmUpMs: 0, scale: 1 / 50 };

// A test downloads nothing.
beforeAll(() => {
  vi.stubEnv('EM_BENCH_BUN', process.env['EM_BENCH_BUN'] ?? '');
});

/** The first question compiles contestants, which takes long on a busy machine. */
const TIMEOUT_MS = 300_000;

/** Contestants that may be missing on a machine. */
const MAY_BE_MISSING = /Bun|Rust/;

describe.concurrent.each(QUESTIONS)('$name', { timeout: TIMEOUT_MS }, (question) => {
  test('every available contestant has figures, every other has a reason, and the tables show all', async () => {
    const results = await bench([question], TINY);

    const page = toMarkdown(results);
    const chart = toChart(results);
    for (const { title, metrics, rows, verdicts } of results.questions.flatMap(({ cases }) => cases)) {
      for (const { contestant, unavailable, figures } of rows) {
        if (!MAY_BE_MISSING.test(`${question.name}: ${contestant}`)) {
          expect(unavailable, `${title}: ${contestant}`).toBeUndefined();
        }
        for (const metric of unavailable === undefined ? metrics : []) {
          expect(figures[metric]?.median, `${title}: ${contestant}: ${metric}`).toBeGreaterThan(
            metric === 'bytes' ? Number.NEGATIVE_INFINITY : 0,
          );
        }
        expect(page).toContain(`| ${contestant} | ${unavailable === undefined ? '' : `not run: ${unavailable}`}`);
      }
      for (const { claim } of verdicts) {
        expect(page).toContain(`| ${title} | ${claim} | `);
      }
      expect(chart).toContain(`>${title}: `);
    }
  });
});

test('every question has its own name', () => {
  expect(new Set(QUESTIONS.map(({ name }) => name)).size).toBe(QUESTIONS.length);
});
