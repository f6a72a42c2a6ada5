import { constants } from 'node:os';

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** The signals that stop the server. */
export type StopSignal = (typeof NAMES)[number];

/** The part of `process` that is used here. */
export interface SignalSource {
  on(name: StopSignal, listener: () => void): unknown;
  exit(code: number): void;
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, with 128 plus its number. */
export function stopSignal(process: SignalSource): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const name of NAMES) {
      process.on(name, () => {
        if (isStopping) {
          process.exit(128 + constants.signals[name]);
        }
        isStopping = true;
        resolve(name);
      });
    }
  });
}
