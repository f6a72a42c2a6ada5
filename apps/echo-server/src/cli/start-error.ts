/** Exit codes other than 0. A second signal exits with 128 plus its number. */
export const ExitCode = { FAILED: 1, USAGE: 2, CANNOT_LISTEN: 3 } as const;

/** A code of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Why the server did not start. The message is one line for the user. */
export class StartError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
