import { setImmediate } from 'node:timers/promises';
import { EventSet, type Interest, ReadyBatch } from '@em/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EpollPoller, EventFd } from '../../src/index.js';
import { EntriesAhead } from '../../src/poller/entries-ahead.js';

const NOTHING = (): void => undefined;

describe('the turns of a host loop', () => {
  let ahead: EntriesAhead;
  let batch: ReadyBatch;

  beforeEach(() => {
    ahead = new EntriesAhead();
    batch = new ReadyBatch(16);
  });

  /** A wait that delivers this number of entries, as the first call of a turn. */
  const waits = (delivered: number) => (): boolean => {
    ahead.noteWait(batch.capacity, delivered);
    return true;
  };
  const takes = (): boolean => {
    ahead.noteWait(batch.capacity, ahead.take(batch));
    return true;
  };

  test('after a call, the addon looks for as many entries as a batch holds, but at most 64', () => {
    expect(ahead.serve(0, waits(1))).toBe(16);
    batch = new ReadyBatch(100);
    expect(ahead.serve(1, takes)).toBe(64);
  });

  test('after each look that finds nothing, twice as many turns pass without one, but at most 63', () => {
    const turns = Array.from({ length: 320 }, () => ahead.serve(0, waits(1)));
    const withLook = turns.flatMap((wanted, turn) => (wanted > 0 ? [turn] : []));
    expect(withLook).toEqual([0, 2, 6, 14, 30, 62, 126, 190, 254, 318]);
  });

  test('after a look that finds something, the pauses start again with one turn', () => {
    expect(Array.from({ length: 15 }, () => ahead.serve(0, waits(1))).at(-1)).toBe(16);
    expect(ahead.serve(1, takes)).toBe(16);
    expect([0, 0, 0].map(() => ahead.serve(0, waits(1)))).toEqual([0, 16, 0]);
  });

  test('a turn ends after four calls, or 64 entries', () => {
    expect([0, 1, 1, 1].map((found) => ahead.serve(found, found > 0 ? takes : waits(1)))).toEqual([16, 16, 16, 0]);
    expect(ahead.serve(0, waits(64))).toBe(0);
  });

  test('entries are taken in order, as many as a batch holds', () => {
    new Uint32Array(ahead.buffer).set([1, 10, 100, 2, 20, 200, 3, 30, 300]);
    batch = new ReadyBatch(2);
    ahead.serve(3, () => false);
    expect(ahead.take(batch)).toBe(2);
    expect([0, 1].map((at) => [batch.events(at), batch.fd(at), batch.generation(at)])).toEqual([
      [1, 10, 100],
      [2, 20, 200],
    ]);
    expect(ahead.hasEntries).toBe(true);
    expect(ahead.take(batch)).toBe(1);
    expect([batch.events(0), batch.fd(0), batch.generation(0)]).toEqual([3, 30, 300]);
    expect(ahead.hasEntries).toBe(false);
  });

  test('a turn ends if onReady says so', () => {
    expect(ahead.serve(0, () => false)).toBe(0);
  });
});

describe('a poller in the loop of Node', () => {
  const batch = new ReadyBatch(8);
  let poller: EpollPoller;
  let level: EventFd;
  let edge: EventFd;
  let interests: Interest[];
  let seen: number[];

  beforeEach(() => {
    poller = new EpollPoller();
    level = new EventFd();
    edge = new EventFd();
    interests = [
      { fd: level.fd, events: EventSet.IN, generation: 1 },
      { fd: edge.fd, events: EventSet.union(EventSet.IN, EventSet.EDGE_TRIGGERED), generation: 2 },
    ];
    for (const { fd, events, generation } of interests) {
      poller.add(fd, events, generation);
    }
    seen = [];
  });

  afterEach(() => {
    poller.close();
    level.close();
    edge.close();
  });

  function wait(): void {
    const count = poller.wait(batch, 0);
    for (let at = 0; at < count; at++) {
      seen.push(batch.generation(at));
    }
  }

  /** Attaches the poller. Call number n of `onReady` does what step n says. Ends after the last step. */
  async function attached(steps: readonly (() => void)[]): Promise<void> {
    let calls = 0;
    const attachment = poller.attach(() => steps[calls++]?.(), interests);
    level.write();
    while (calls < steps.length) {
      await setImmediate();
    }
    await setImmediate();
    attachment.detach();
  }

  const first = (): void => {
    wait();
    level.read();
    edge.write();
  };

  test('an edge that was found while the manager had something else to do is reported by a later wait', async () => {
    await attached([first, NOTHING, wait, wait]);
    expect(seen).toEqual([1, 2]);
  });

  test('a wake has a turn of the host loop to itself', async () => {
    let turns = 0;
    const turnOf: number[] = [];
    const note = (): void => {
      wait();
      turnOf.push(turns);
    };
    const attachment = poller.attach(() => {
      note();
      level.read();
      if (turnOf.length === 1) {
        poller.wake();
      }
    }, interests);
    level.write();
    for (turns = 1; turns < 5; turns++) {
      await setImmediate();
    }
    attachment.detach();
    expect(turnOf[1]).toBe((turnOf[0] as number) + 1);
    expect(turnOf.length).toBe(2);
  });

  test('an edge that was found before a rebuild is reported once', async () => {
    const rebuild = (): void => {
      poller.rebuild(interests);
      wait();
    };
    await attached([first, rebuild]);
    wait();
    expect(seen).toEqual([1, 2]);
  });

  test('an edge that was found when the poller was detached is reported by the next wait', async () => {
    const attachment = poller.attach(() => (seen.length === 0 ? first() : attachment.detach()), interests);
    level.write();
    await setImmediate();
    await setImmediate();
    wait();
    expect(seen).toEqual([1, 2]);
  });
});
