import { constants } from 'node:os';

const NAMES = ['SIGINT', 'SIGTERM'] as const;

/** The part of `process` that is used here. */
export interface SignalSource {
  on(name: (typeof NAMES)[number], listener: () => void): unknown;
  exit(code: number): void;
}

/** Aborts on the first SIGINT or SIGTERM. The second one exits at once, with 128 and its number. */
export function stopSignal(process: SignalSource): AbortSignal {
  const controller = new AbortController();
  for (const name of NAMES) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.exit(128 + constants.signals[name]);
      }
      controller.abort();
    });
  }
  return controller.signal;
}
