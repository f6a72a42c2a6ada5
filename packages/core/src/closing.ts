/** Runs one step of closing. Collects what it throws, so that the next step can run. */
export function attempt(step: () => void, failures: unknown[]): void {
  try {
    step();
  } catch (error) {
    failures.push(error);
  }
}

/** The error for a close of which some steps failed. */
export function closeFailed(what: string, failures: unknown[]): AggregateError {
  const error = new AggregateError(failures, `Cannot close ${what}: ${failures.length} step(s) failed`);
  return Object.assign(error, { code: 'ERR_EM_CLOSE_FAILED' });
}
