// Facts about a thrown value. They do not depend on its class: under Jest, the errors of Node belong to another realm, and
// are not an `instanceof` the `Error` of the test.

/** Returns the code, for example `'EMFILE'`, if there is one. */
export function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null | undefined)?.code;
}

/** Returns the message of an error, or another value as text. */
export function messageOf(thrown: unknown): string {
  return String((thrown as { message?: unknown } | null | undefined)?.message ?? thrown);
}

/** Whether a call failed because no fd was free, in this process or in the system. It can work later. */
export function isFdShortage(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === 'EMFILE' || code === 'ENFILE';
}
