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
