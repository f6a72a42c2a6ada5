import { checkFd, checkFunction, invalidType, outOfRange } from './check.js';
import { EventSet } from './event-set.js';
import type { FdSource } from './fd-object.js';
import type { AbortSignalLike, AddOptions, EventCallback, OnceOptions, RunOptions } from './options.js';
import type { Poller } from './poller.js';

const POLLER_METHODS = ['add', 'modify', 'delete', 'wait', 'wake', 'close'] as const;

export function checkPoller(poller: unknown): Poller {
  if (typeof poller !== 'object' || poller === null) {
    throw invalidType('poller', 'a Poller, such as new EpollPoller() of @em/sys', poller);
  }
  for (const method of POLLER_METHODS) {
    checkFunction(`poller.${method}`, (poller as Partial<Poller>)[method]);
  }
  return poller as Poller;
}

export function checkTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs !== 'number') {
    throw invalidType('timeoutMs', 'a number of milliseconds', timeoutMs);
  }
  if (!(timeoutMs >= 0)) {
    throw outOfRange('timeoutMs', 'at least 0, or Infinity to wait for ever', timeoutMs);
  }
  return timeoutMs;
}

/** The arguments of `add`, checked. */
export interface AddRequest {
  readonly source: FdSource;
  readonly fd: number;
  readonly events: EventSet;
  readonly callback: EventCallback;
  readonly label?: string | undefined;
  /** Deletes it when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
  /** Closes the source that it was given to own. */
  readonly closeSource?: (() => void) | undefined;
}

export function checkAdd(source: FdSource, events: EventSet, callback: EventCallback, options: AddOptions): AddRequest {
  const interest = EventSet.validate(events);
  checkFunction('callback', callback);
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object', options);
  }
  const { label, signal, own } = options;
  if (label !== undefined && typeof label !== 'string') {
    throw invalidType('options.label', 'a string', label);
  }
  if (own !== undefined && typeof own !== 'boolean') {
    throw invalidType('options.own', 'a boolean', own);
  }
  const closeSource = own === true ? closerOf(source) : undefined;
  checkSignal(signal);
  // Last, for the getters of the options may close the source.
  const fd = checkFd(fdOf(source));
  return { source, fd, events: interest, callback, label, signal, closeSource };
}

export function checkRun(options: RunOptions): AbortSignalLike | undefined {
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object', options);
  }
  const { signal } = options;
  checkSignal(signal);
  return signal;
}

/** A source, a set of events and options, as `once` and `on` take them. */
export interface Wish {
  readonly source: FdSource;
  readonly fd: number;
  readonly events: EventSet;
  readonly signal: AbortSignalLike | undefined;
  readonly timeoutMs: number;
}

export function checkWish(source: FdSource, events: EventSet, options: OnceOptions): Wish {
  const interest = EventSet.validate(events);
  if (typeof options !== 'object' || options === null) {
    throw invalidType('options', 'an object', options);
  }
  const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
  checkSignal(signal);
  checkTimeout(timeoutMs);
  return { source, fd: checkFd(fdOf(source)), events: interest, signal, timeoutMs };
}

export function fdOf(source: unknown): unknown {
  if (typeof source === 'number') {
    return source;
  }
  if (typeof source !== 'object' || source === null) {
    throw invalidType('source', 'an fd, or an object that has one', source);
  }
  return (source as { fd?: unknown }).fd;
}

function closerOf(source: unknown): () => void {
  const close = typeof source === 'object' && source !== null && 'close' in source && source.close;
  if (typeof close !== 'function') {
    throw invalidType('source', 'an object with a close() method, since it is to be owned', source);
  }
  return (): void => void close.call(source);
}

function checkSignal(signal: unknown): asserts signal is AbortSignalLike | undefined {
  if (signal === undefined) {
    return;
  }
  if (!isSignal(signal)) {
    throw invalidType('options.signal', 'an AbortSignal', signal);
  }
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

export function checkOptionalFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value !== undefined) {
    checkFunction(name, value);
  }
  return value;
}
