import { checkFd, checkFunction, invalidType, outOfRange } from './check.js';
import { EventSet } from './event-set.js';
import type { FdLike } from './fd-object.js';
import type {
  AbortSignalLike,
  AddOptions,
  EventCallback,
  OnceOptions,
  RunOptions,
  TimerCallback,
  TimerOptions,
} from './options.js';
import type { Poller } from './poller.js';

const POLLER_METHODS = ['add', 'modify', 'delete', 'wait', 'wake', 'close'] as const;

export function checkObject(name: string, value: unknown, expected: string = 'an object'): asserts value is object {
  if (typeof value !== 'object' || value === null) {
    throw invalidType(name, expected, value);
  }
}

export function checkPoller(poller: unknown): Poller {
  checkObject('poller', poller, 'a Poller, such as new EpollPoller() of @em/sys');
  for (const method of POLLER_METHODS) {
    checkFunction(`poller.${method}`, (poller as Partial<Poller>)[method]);
  }
  return poller as Poller;
}

export function checkTimeout(timeoutMs: unknown): number {
  return checkMs('timeoutMs', timeoutMs, 0, Number.POSITIVE_INFINITY, 'at least 0, or Infinity to wait without end');
}

/** The arguments of `after` or `every`, checked. */
export interface TimerRequest {
  readonly delayMs: number;
  readonly isPeriodic: boolean;
  readonly callback: TimerCallback;
  readonly slackMs: number;
  readonly label: string | undefined;
  /** Cancels the timer when it aborts. */
  readonly signal: AbortSignalLike | undefined;
}

export function checkTimer(
  method: 'after' | 'every',
  delayMs: number,
  callback: TimerCallback,
  options: TimerOptions,
): TimerRequest {
  const isPeriodic = method === 'every';
  if (isPeriodic) {
    checkMs('periodMs', delayMs, Number.MIN_VALUE, Number.MAX_VALUE, 'finite and greater than 0');
  } else {
    checkMs('delayMs', delayMs);
  }
  checkFunction('callback', callback);
  checkObject('options', options);
  const { label, signal, slackMs = 0 } = options;
  checkLabel(label);
  checkMs('options.slackMs', slackMs);
  checkSignal(signal);
  return { delayMs, isPeriodic, callback, slackMs, label, signal };
}

/** The arguments of `add`, checked. */
export interface AddRequest {
  /** The fd, or the object that has it. */
  readonly target: FdLike;
  readonly fd: number;
  readonly events: EventSet;
  readonly callback: EventCallback;
  readonly label?: string | undefined;
  /** Deletes the registration when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
  /** Closes the fd object, if the registration owns it. */
  readonly closeTarget?: (() => void) | undefined;
  readonly serial?: boolean;
}

export function checkAdd(target: FdLike, events: EventSet, callback: EventCallback, options: AddOptions): AddRequest {
  const interest = EventSet.validate(events);
  checkFunction('callback', callback);
  checkObject('options', options);
  const { label, signal, own = false, serial = false } = options;
  checkLabel(label);
  checkBoolean('options.own', own);
  checkBoolean('options.serial', serial);
  const closeTarget = own ? closerOf(target) : undefined;
  checkSignal(signal);
  // Last, because the getters of the options may close the fd object.
  const fd = checkFd(fdOf(target));
  return { target, fd, events: interest, callback, label, signal, closeTarget, serial };
}

/** The arguments of `run`, checked. */
export interface RunRequest {
  readonly signal: AbortSignalLike | undefined;
  readonly untilEmpty: boolean;
}

export function checkRun(options: RunOptions): RunRequest {
  checkObject('options', options);
  const { signal, until } = options;
  checkSignal(signal);
  if (until !== undefined && until !== 'empty') {
    throw outOfRange('options.until', "'empty'", until);
  }
  return { signal, untilEmpty: until === 'empty' };
}

/** The arguments of `once` or `on`, checked. */
export interface OnceRequest {
  /** The fd, or the object that has it. */
  readonly target: FdLike;
  readonly fd: number;
  readonly events: EventSet;
  readonly signal: AbortSignalLike | undefined;
  readonly timeoutMs: number;
  readonly throwIfTimedOut: boolean;
}

export function checkOnce(target: FdLike, events: EventSet, options: OnceOptions): OnceRequest {
  const interest = EventSet.validate(events);
  checkObject('options', options);
  const { signal, timeoutMs = Number.POSITIVE_INFINITY, throwIfTimedOut = true } = options;
  checkSignal(signal);
  checkTimeout(timeoutMs);
  checkBoolean('options.throwIfTimedOut', throwIfTimedOut);
  return { target, fd: checkFd(fdOf(target)), events: interest, signal, timeoutMs, throwIfTimedOut };
}

export function fdOf(target: unknown): unknown {
  if (typeof target === 'number') {
    return target;
  }
  checkObject('fd', target, 'a number, or an object with an fd');
  return (target as { fd?: unknown }).fd;
}

function closerOf(target: unknown): () => void {
  const close = (target as { close?: unknown } | null | undefined)?.close;
  if (typeof close !== 'function') {
    throw invalidType('fd', 'an object with a close() method, because options.own is true', target);
  }
  return (): void => void close.call(target);
}

function checkBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw invalidType(name, 'a boolean', value);
  }
}

function checkSignal(signal: unknown): asserts signal is AbortSignalLike | undefined {
  if (signal === undefined) {
    return;
  }
  if (!isSignal(signal)) {
    throw invalidType('options.signal', 'an AbortSignal', signal);
  }
}

function checkLabel(label: unknown): asserts label is string | undefined {
  if (label !== undefined && typeof label !== 'string') {
    throw invalidType('options.label', 'a string', label);
  }
}

function checkMs(
  name: string,
  value: unknown,
  min: number = 0,
  max: number = Number.MAX_VALUE,
  expected: string = 'finite and at least 0',
): number {
  if (typeof value !== 'number') {
    throw invalidType(name, 'a number of milliseconds', value);
  }
  if (!(value >= min && value <= max)) {
    throw outOfRange(name, expected, value);
  }
  return value;
}

function isSignal(value: unknown): value is AbortSignalLike {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignalLike>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}
