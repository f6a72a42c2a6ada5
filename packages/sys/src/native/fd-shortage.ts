/** Whether a call failed because no fd was free, in this process or in the system. It can work later. */
export function isFdShortage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}
