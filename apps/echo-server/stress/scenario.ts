/** How much is done: in a few seconds, in less than a minute, or all of it. */
export const SIZES = ['smoke', 'middle', 'full'] as const;

export type Size = (typeof SIZES)[number];

/** What is asked of a scenario. */
export interface Trial {
  readonly size: Size;
  readonly seed: number;
  /** How many processes the clients are in. */
  readonly processes: number;
  /** Tells how far it is. */
  readonly say: (text: string) => void;
}

/** Something that was seen, for the table: what, and how much of it. */
export type Figure = readonly [what: string, value: string];

/** One way to treat a server. */
export interface Scenario {
  readonly name: string;
  readonly title: string;

  /** @throws Error if the server did not do what it should. */
  run(trial: Trial): Promise<readonly Figure[]>;
}
