import type { EventSet } from '@em/core';

/**
 * Channels in shared memory. Their numbers count from 0.
 *
 * ```text
 *   │ rings │ woken │ events of channel 0 │ of channel 1 │ …
 * ```
 */
export type Channels = Int32Array<SharedArrayBuffer>;

const RINGS = 0;
const WOKEN = 1;
const FIRST_CHANNEL = 2;

export function createChannels(count: number): Channels {
  return new Int32Array(new SharedArrayBuffer((FIRST_CHANNEL + count) * Int32Array.BYTES_PER_ELEMENT));
}

export function isChannel(channels: Channels, fd: number): boolean {
  return FIRST_CHANNEL + fd < channels.length;
}

/** The events that are true of a channel now. */
export function readiness(channels: Channels, fd: number): EventSet {
  return Atomics.load(channels, FIRST_CHANNEL + fd);
}

/** Makes events true of a channel. Any thread may call it. */
export function raise(channels: Channels, fd: number, events: EventSet): void {
  Atomics.or(channels, FIRST_CHANNEL + fd, events);
  ring(channels);
}

/** Makes events false again. */
export function lower(channels: Channels, fd: number, events: EventSet): void {
  Atomics.and(channels, FIRST_CHANNEL + fd, ~events);
}

/** Ends the current or the next sleep. Any thread may call it. */
export function wake(channels: Channels): void {
  Atomics.store(channels, WOKEN, 1);
  ring(channels);
}

/** Whether `wake` was called since the last call of this function. */
export function takeWake(channels: Channels): boolean {
  return Atomics.exchange(channels, WOKEN, 0) === 1;
}

/** Counts all changes. Read it before you look for events, and pass it to `sleep`. */
export function rings(channels: Channels): number {
  return Atomics.load(channels, RINGS);
}

/** Sleeps until the number of rings differs from `ringsBefore`, or the time is up. */
export function sleep(channels: Channels, ringsBefore: number, timeoutMs: number): void {
  Atomics.wait(channels, RINGS, ringsBefore, timeoutMs);
}

function ring(channels: Channels): void {
  Atomics.add(channels, RINGS, 1);
  Atomics.notify(channels, RINGS);
}
