export { EventManagerError, type EventManagerErrorCode } from './errors.js';
export { EventManager } from './event-manager.js';
export { type EventName, EventSet } from './event-set.js';
export { type ClosableFdObject, type FdLike, type FdObject, ON_ADD } from './fd-object.js';
export type { Group } from './group.js';
export type { Observer } from './observer.js';
export type {
  AbortSignalLike,
  AddOptions,
  ErrorHandler,
  EventCallback,
  EventIterator,
  EventManagerOptions,
  OnceOptions,
  OnOptions,
  RunOptions,
  TimerCallback,
  TimerOptions,
} from './options.js';
export type { Attachment, Interest, Poller } from './poller.js';
export { ReadyBatch, type WaitCause } from './ready-batch.js';
export type { Registration } from './registration.js';
export type { DispatchStats, WaitReport } from './tally.js';
export type { Timer } from './timer.js';
