import { describe, expect, test } from 'vitest';
import { bench } from '../src/bench.ts';
import { toChart } from '../src/chart.ts';
import { toMarkdown } from '../src/markdown.ts';
import type { Effort } from '../src/question.ts';
import { QUESTIONS } from '../src/questions/index.ts';

const TINY: Effort = { rounds: 1, roundMs: 1, warmUpMs: 0 };

/** The first question compiles contestants, which takes long on a busy machine. */
const TIMEOUT_MS = 300_000;

/** Contestants that may be missing on a machine; @em/sys is packed with the addons of both architectures. */
const MAY_BE_MISSING = /Bun|Rust|^install: @em\/sys$/;

describe.each(QUESTIONS)('$name', { timeout: TIMEOUT_MS }, (question) => {
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
          expect(figures[metric]?.median, `${title}: ${contestant}: ${metric}`).toBeGreaterThan(0);
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
