export type { DispatchStats, WaitReport } from './dispatcher.js';
export { EventManagerError, type EventManagerErrorCode } from './errors.js';
export { EventManager, type EventManagerOptions } from './event-manager.js';
export { type EventName, EventSet } from './event-set.js';
export type { Poller } from './poller.js';
export { ReadyBatch, type WaitCause, WORDS_PER_ENTRY } from './ready-batch.js';
export type {
  AbortSignalLike,
  AddOptions,
  EventCallback,
  FdSource,
  OwnedFdSource,
  Registration,
} from './registration.js';
