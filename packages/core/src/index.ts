export type { ErrorHandler } from './dispatcher.js';
export { EventManagerError, type EventManagerErrorCode } from './errors.js';
export { EventManager, type EventManagerOptions } from './event-manager.js';
export { type EventName, EventSet } from './event-set.js';
export type { Group } from './group.js';
export type { Attachment, Interest, Poller } from './poller.js';
export { ReadyBatch, type WaitCause, WORDS_PER_ENTRY } from './ready-batch.js';
export {
  type AbortSignalLike,
  type AddOptions,
  type EventCallback,
  type FdObject,
  type FdSource,
  ON_ADD,
  type OnceOptions,
  type OnOptions,
  type OwnedFdSource,
  type Registration,
} from './registration.js';
export type { RunOptions } from './runner.js';
export type { DispatchStats, WaitReport } from './tally.js';
