// Facts about anything thrown. They do not depend on its class: under Jest, each error of Node is of another realm, and
// no `instanceof` of that realm's own `Error`.

/** The code, such as `'EMFILE'`, if there is one. */
export function codeOf(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null | undefined)?.code;
}

/** The message of an error, or any other value as text. */
export function messageOf(thrown: unknown): string {
  return String((thrown as { message?: unknown } | null | undefined)?.message ?? thrown);
}

/** Whether a call failed because no fd was free, in this process or in the system. It can work later. */
export function isFdShortage(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === 'EMFILE' || code === 'ENFILE';
}
