import type * as sys from '@em/sys';

/** The size of a run: a few seconds, less than a minute, or full. */
export const SIZES = ['smoke', 'middle', 'full'] as const;

export type Size = (typeof SIZES)[number];

/** The sockets that scenarios use in this process. */
export type Sockets = Pick<typeof sys, 'AnySocket' | 'Socket' | 'UdpSocket' | 'UnixDatagram'>;

/** Arguments of a scenario. */
export interface Trial {
  readonly size: Size;
  readonly seed: number;
  /** The number of processes for the clients. */
  readonly processes: number;
  readonly sockets: Sockets;
  /** Reports progress. */
  readonly say: (text: string) => void;
}

/** A row of the table: what was measured, and the result. */
export type Figure = readonly [what: string, value: string];

/** A scenario: one way to put load on a server. */
export interface Scenario {
  readonly name: string;
  readonly title: string;

  /** @throws Error if the server fails. */
  run(trial: Trial): Promise<readonly Figure[]>;
}
