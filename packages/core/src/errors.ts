/**
 * The codes of the errors that this library raises itself. Match errors by `code`, not by `instanceof`: two copies of
 * the package in one process have two classes, but one set of codes.
 */
export type EventManagerErrorCode =
  | 'ERR_EM_ALREADY_REGISTERED'
  | 'ERR_EM_CLOSED'
  | 'ERR_EM_CONFLICTING_EVENTS'
  | 'ERR_EM_NOT_REGISTERED';

/** What the library refuses by its own rules, with a stable {@link EventManagerErrorCode}. */
export class EventManagerError extends Error {
  override readonly name: string = 'EventManagerError';
  readonly code: EventManagerErrorCode;

  constructor(code: EventManagerErrorCode, message: string, options?: { cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}

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

export function closeFailed(failures: unknown[]): AggregateError {
  const error = new AggregateError(failures, `Closing the event manager: ${failures.length} step(s) failed`);
  return Object.assign(error, { code: 'ERR_EM_CLOSE_FAILED' });
}

/** A misuse in the shape of Node's own errors: `TypeError` with `ERR_INVALID_ARG_TYPE`. */
export function invalidType(name: string, expected: string, received: unknown): TypeError {
  return Object.assign(new TypeError(`"${name}" must be ${expected}. Received ${describe(received)}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** A misuse in the shape of Node's own errors: `RangeError` with `ERR_OUT_OF_RANGE`. */
export function outOfRange(name: string, expected: string, received: unknown): RangeError {
  return Object.assign(new RangeError(`"${name}" must be ${expected}. Received ${describe(received)}`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

/** Whether a poller refused an `add` because it has the fd already. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** Says what a value is without calling anything of it: it may be a proxy that throws. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}
