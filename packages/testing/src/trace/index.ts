export type { ReplayDeparture } from './departure.js';
export type { HotSpot, SpinReason } from './hottest.js';
export type { PerfettoInstant, PerfettoMetadata, PerfettoSlice, PerfettoTrace } from './perfetto.js';
export type {
  CallStep,
  ChangeStep,
  DeleteStep,
  EndStep,
  OtherStep,
  RecordedStep,
  Recording,
  SetTimerStep,
  TimerStep,
  WaitStep,
} from './recording.js';
export { type Replay, replay } from './replay.js';
export { type Trace, type Traced, type TraceOptions, trace } from './trace.js';
