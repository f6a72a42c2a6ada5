/** How many failures are told in words. */
const MAX_TOLD = 5;

/** What came of clients so far. */
export interface Tally {
  /** Who was echoed its first byte, and so is known to have been accepted. */
  greeted: number;
  /** Messages of which every byte has come back. */
  messages: number;
  /** Bytes that came back, and were right. */
  bytes: number;
  /** Who has said everything, and got it back; those who are held are still there. */
  served: number;
  /** Who got back all it was entitled to, and then the end. */
  whole: number;
  /** Who was told the end, when the server was stopped, before it had said everything, and got back all it had said. */
  early: number;
  /** Who reset the connection itself. */
  resets: number;
  /** Who never read, and was cut off by the server, or has gone. */
  stuck: number;
  /** Who could not connect, or was reset before it was echoed anything. */
  refused: number;
  failed: number;
  /** In words, the first few. */
  readonly failures: string[];
}

export function emptyTally(): Tally {
  return {
    greeted: 0,
    messages: 0,
    bytes: 0,
    served: 0,
    whole: 0,
    early: 0,
    resets: 0,
    stuck: 0,
    refused: 0,
    failed: 0,
    failures: [],
  };
}

/** Counts a client that did not get what it was entitled to. */
export function addFailure(tally: Tally, failure: string): void {
  tally.failed++;
  if (tally.failures.length < MAX_TOLD) {
    tally.failures.push(failure);
  }
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const { failures, ...counts } of tallies) {
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) {
      sum[key] += counts[key];
    }
    sum.failures.push(...failures.slice(0, MAX_TOLD - sum.failures.length));
  }
  return sum;
}

/** How many clients have come to their end. */
export function ended({ whole, early, resets, stuck, refused, failed }: Tally): number {
  return whole + early + resets + stuck + refused + failed;
}
