/** Takes one step of closing; one that throws is noted, and does not keep the others from being taken. */
export function attempt(step: () => void, failures: unknown[]): void {
  try {
    step();
  } catch (error) {
    failures.push(error);
  }
}

/** The error for a closing of which some steps failed. */
export function closeFailed(what: string, failures: unknown[]): AggregateError {
  const error = new AggregateError(failures, `Closing ${what}: ${failures.length} step(s) failed`);
  return Object.assign(error, { code: 'ERR_EM_CLOSE_FAILED' });
}
