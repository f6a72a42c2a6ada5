/** The number of failures that are described. */
const MAX_FAILURES = 5;

/** The results of clients so far. */
export interface Tally {
  /** Clients whose first byte has come back, so that they were accepted. */
  greeted: number;
  /** Messages of which every byte has come back. */
  messages: number;
  /** Bytes that have come back correctly. */
  bytes: number;
  /** Clients that have got everything back. Held clients are still connected. */
  served: number;
  /** Clients that have got everything back, and then the end. */
  whole: number;
  /** Clients that a stopping server ended before they had sent everything, and that got back everything they had sent. */
  early: number;
  /** Clients that reset their connection. */
  resets: number;
  /** Clients that did not read, and were cut off by the server, or were released. */
  stuck: number;
  /** Clients that could not connect, or were reset before their first byte came back. */
  refused: number;
  /** Datagrams of which no answer came. */
  lost: number;
  failed: number;
  /** Descriptions of the first failures. */
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
    lost: 0,
    failed: 0,
    failures: [],
  };
}

/** Counts a client that did not get everything back. */
export function addFailure(tally: Tally, failure: string): void {
  tally.failed++;
  if (tally.failures.length < MAX_FAILURES) {
    tally.failures.push(failure);
  }
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const { failures, ...counts } of tallies) {
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) {
      sum[key] += counts[key];
    }
    sum.failures.push(...failures.slice(0, MAX_FAILURES - sum.failures.length));
  }
  return sum;
}

/** The number of clients that have ended. */
export function ended({ whole, early, resets, stuck, refused, failed }: Tally): number {
  return whole + early + resets + stuck + refused + failed;
}
