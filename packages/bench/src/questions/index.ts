import type { Question } from '../question.ts';
import { datagrams } from './datagrams.ts';
import { dispatch } from './dispatch.ts';
import { echo } from './echo.ts';
import { idle } from './idle.ts';
import { install } from './install.ts';
import { interest } from './interest.ts';
import { memory } from './memory.ts';
import { openLoop } from './open-loop.ts';
import { roundTrip } from './round-trip.ts';
import { startUp } from './start-up.ts';
import { streams } from './streams.ts';
import { timers } from './timers.ts';
import { trace } from './trace.ts';
import { wake } from './wake.ts';
import { workers } from './workers.ts';

/** All questions, in their order. */
export const QUESTIONS: readonly Question[] = [
  dispatch,
  interest,
  idle,
  timers,
  wake,
  roundTrip,
  echo,
  openLoop,
  workers,
  datagrams,
  streams,
  trace,
  memory,
  startUp,
  install,
];
