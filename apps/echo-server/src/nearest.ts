/** The candidate that `word` was probably meant to be: it begins with it, or is at most two typing errors away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, errors: candidate.startsWith(word) ? 0 : editDistance(word, candidate) }))
    .sort((a, b) => a.errors - b.errors);
  const best = ranked[0];
  return best !== undefined && best.errors <= 2 ? best.candidate : undefined;
}

/** How many letters must be inserted, deleted or replaced to make `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  // The distances of the letters of `a` so far to every beginning of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(row, j - 1) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
