import { EventSet } from '@em/core';
import { nameOf, type RecordedStep } from './recording.js';

/** Thrown by a poller that replays, where the code did not do what is recorded. */
export interface ReplayDeparture extends Error {
  readonly code: 'ERR_EM_REPLAY_DEPARTED';
  /** The index of the recorded step. The number of steps if the recording has ended. */
  readonly index: number;
  /** What is recorded. `undefined` if the recording has ended. */
  readonly expected: RecordedStep | undefined;
}

/** @param did - What the code did instead. */
export function departure(did: string, index: number, steps: readonly RecordedStep[]): ReplayDeparture {
  const expected = steps[index];
  const place = expected === undefined ? '' : `, at ${Math.round(expected.atMs * 1_000) / 1_000} ms`;
  const recorded = expected === undefined ? 'the recording has ended' : `the recording has: ${describe(expected)}`;
  const error = new Error(
    `The code departed from the recording at step ${index + 1} of ${steps.length}${place}: ${did}; ${recorded}`,
  );
  return Object.assign(error, { code: 'ERR_EM_REPLAY_DEPARTED' as const, index, expected });
}

/** The step as text: `modify fd 7 (client) to OUT`. */
export function describe(step: RecordedStep): string {
  switch (step.op) {
    case 'add':
      return `add ${nameOf(step.fd, step.label)} for ${EventSet.format(step.events)}`;
    case 'modify':
      return `modify ${nameOf(step.fd, step.label)} to ${EventSet.format(step.events)}`;
    case 'delete':
      return `delete ${nameOf(step.fd, step.label)}`;
    case 'end':
      return `the end of ${nameOf(step.fd, step.label)}`;
    case 'call':
      return `a call of ${nameOf(step.fd, step.label)} with ${EventSet.format(step.events)}${step.threw ? ' that throws' : ''}`;
    case 'timer':
      return `a call of ${nameOf(undefined, step.label)}${step.threw ? ' that throws' : ''}`;
    case 'set-timer':
      return `set ${nameOf(undefined, step.label)}`;
    default:
      return step.op;
  }
}
