/** Exit codes other than 0. A second signal exits with 128 and its number. */
export const ExitCode = { CANNOT_LISTEN: 1, USAGE: 2 } as const;

/** Why the server did not start, as one line for the person who started it. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
