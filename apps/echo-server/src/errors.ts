// Properties of any value that was thrown. They do not depend on its class: an error can come from another realm.

interface ErrorLike {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The code of an error, such as `'EMFILE'`, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as ErrorLike | null | undefined)?.code;
  return code === undefined ? undefined : String(code);
}

/** The message of an error. */
export function messageOf(error: unknown): string {
  return String((error as ErrorLike | null | undefined)?.message ?? error);
}

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
