/**
 * The codes of the errors that this library itself throws. Compare errors by `code`, not by `instanceof`: two copies of
 * the package in one process have two classes, but the same codes.
 */
export type EventManagerErrorCode =
  | 'ERR_EM_ALREADY_REGISTERED'
  | 'ERR_EM_ALREADY_RUNNING'
  | 'ERR_EM_CANNOT_ATTACH'
  | 'ERR_EM_CLOSED'
  | 'ERR_EM_CONFLICTING_EVENTS'
  | 'ERR_EM_NOT_REGISTERED'
  | 'ERR_EM_TIMEOUT'
  | (`ERR_EM_${string}` & {});

/**
 * The error for a call that the rules of the library refuse, with a stable {@link EventManagerErrorCode}. Pollers throw
 * it too, with codes of their own.
 */
export class EventManagerError extends Error {
  override readonly name: string = 'EventManagerError';
  readonly code: EventManagerErrorCode;

  constructor(code: EventManagerErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The end of a message. */
export const NOT_DRIVEN = 'nothing drives the manager: call run(), or wait() in a loop';

export function alreadyRegistered(fd: number, cause?: unknown): EventManagerError {
  return new EventManagerError(
    'ERR_EM_ALREADY_REGISTERED',
    `Cannot add fd ${fd}: it is already registered`,
    cause === undefined ? undefined : { cause },
  );
}

export function closed(method: string): EventManagerError {
  return new EventManagerError('ERR_EM_CLOSED', `Cannot call ${method}(): the event manager is closed`);
}

export function conflictingEvents(message: string): EventManagerError {
  return new EventManagerError('ERR_EM_CONFLICTING_EVENTS', message);
}

export function notRegistered(action: string, fd: number, why: string): EventManagerError {
  return new EventManagerError('ERR_EM_NOT_REGISTERED', `Cannot ${action} fd ${fd}: ${why}`);
}

/**
 * Whether a poller refused an `add` because it watches the fd already. Its error can be of another realm, as under
 * Jest.
 */
export function isAlreadyThere(error: unknown): boolean {
  return hasCode(error, 'EEXIST');
}

/** Whether a poller refused a `modify` because it does not watch the fd. */
export function isNotThere(error: unknown): boolean {
  return hasCode(error, 'ENOENT');
}

export function timedOut(fd: number, timeoutMs: number, isDriven: boolean): EventManagerError {
  const advice = isDriven ? '' : `; ${NOT_DRIVEN}`;
  return new EventManagerError('ERR_EM_TIMEOUT', `Timed out after ${timeoutMs} ms waiting for fd ${fd}${advice}`);
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === code;
}
