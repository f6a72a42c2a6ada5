import { type Attachment, EventSet, ReadyBatch } from '@em/core';
import { FakePoller } from '@em/testing';

/** Rewrites the events or the generations in a batch. */
function rewrite(
  batch: ReadyBatch,
  count: number,
  change: (entry: { fd: number; events: EventSet; generation: number }) => { events?: EventSet; generation?: number },
): void {
  for (let index = 0; index < count; index++) {
    const entry = { fd: batch.fd(index), events: batch.events(index), generation: batch.generation(index) };
    const { events = entry.events, generation = entry.generation } = change(entry);
    batch.set(index, entry.fd, events, generation);
  }
}

export class KeepsFirstGeneration extends FakePoller {
  readonly #first = new Map<number, number>();

  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, events, generation);
    this.#first.set(fd, generation);
  }

  override modify(fd: number, events: EventSet, generation: number): void {
    super.modify(fd, events, this.#first.get(fd) ?? generation);
  }
}

/** Looks the generation up by number in `wait`, instead of storing it with the interest. */
export class LooksGenerationUp extends FakePoller {
  readonly #last = new Map<number, number>();

  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, events, generation);
    this.#last.set(fd, generation);
  }

  override modify(fd: number, events: EventSet, generation: number): void {
    super.modify(fd, events, generation);
    this.#last.set(fd, generation);
  }

  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const count = super.wait(batch, timeoutMs);
    rewrite(batch, count, ({ fd, generation }) => ({ generation: this.#last.get(fd) ?? generation }));
    return count;
  }
}

export class AddsOverWhatIsThere extends FakePoller {
  override add(fd: number, events: EventSet, generation: number): void {
    try {
      super.add(fd, events, generation);
    } catch {
      super.modify(fd, events, generation);
    }
  }
}

export class AddsWhatItRefusesToModify extends FakePoller {
  override modify(fd: number, events: EventSet, generation: number): void {
    try {
      super.modify(fd, events, generation);
    } catch (error) {
      super.add(fd, events, generation);
      throw error;
    }
  }
}

export class ThrowsWhereNothingIsToDelete extends FakePoller {
  override delete(fd: number): void {
    // `modify` throws if the number no longer is the file that was added.
    super.modify(fd, EventSet.EMPTY, 1);
    super.delete(fd);
  }
}

export class ForgetsToDelete extends FakePoller {
  override delete(): void {
    this.wake();
  }
}

/** Always reports the lowest fds first. */
export class Starves extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const all = new ReadyBatch(1024);
    const found = super.wait(all, timeoutMs);
    const order = Array.from({ length: found }, (_, index) => index).sort((a, b) => all.fd(a) - all.fd(b));
    const served = order.slice(0, batch.capacity);
    served.forEach((from, index) => {
      batch.set(index, all.fd(from), all.events(from), all.generation(from));
    });
    batch.cause = all.cause;
    return served.length;
  }
}

export class HidesWhatWasNotAskedFor extends FakePoller {
  readonly #interest = new Map<number, EventSet>();

  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, events, generation);
    this.#interest.set(fd, events);
  }

  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const count = super.wait(batch, timeoutMs);
    rewrite(batch, count, ({ fd, events }) => ({
      events: EventSet.intersection(events, this.#interest.get(fd) ?? EventSet.EMPTY),
    }));
    return count;
  }
}

export class ReportsWhatWasNotAskedFor extends FakePoller {
  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, EventSet.union(events, EventSet.IN), generation);
  }
}

export class IgnoresOneShot extends FakePoller {
  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, EventSet.difference(events, EventSet.ONE_SHOT), generation);
  }
}

export class IgnoresEdges extends FakePoller {
  override add(fd: number, events: EventSet, generation: number): void {
    super.add(fd, EventSet.difference(events, EventSet.EDGE_TRIGGERED), generation);
  }
}

export class ReportsModes extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const count = super.wait(batch, timeoutMs);
    rewrite(batch, count, ({ events }) => ({ events: EventSet.union(events, EventSet.EXCLUSIVE) }));
    return count;
  }
}

export class ForgetsToWake extends FakePoller {
  override wake(): void {
    this.clearLog();
  }
}

export class CountsWakes extends FakePoller {
  #wakes = 0;

  override wake(): void {
    this.#wakes++;
  }

  override wait(batch: ReadyBatch, timeoutMs: number): number {
    if (this.#wakes > 0) {
      this.#wakes--;
      super.wake();
    }
    return super.wait(batch, timeoutMs);
  }
}

export class WakesInsteadOfReporting extends FakePoller {
  #woken = false;

  override wake(): void {
    this.#woken = true;
  }

  override wait(batch: ReadyBatch, timeoutMs: number): number {
    if (this.#woken) {
      this.#woken = false;
      batch.cause = 'wake';
      return 0;
    }
    return super.wait(batch, timeoutMs);
  }
}

export class RoundsTimeoutsDown extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    return super.wait(batch, Math.floor(timeoutMs));
  }
}

export class CannotWaitLong extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    if (timeoutMs > 0x7fff_ffff && timeoutMs < Number.POSITIVE_INFINITY) {
      throw new RangeError('too long');
    }
    return super.wait(batch, timeoutMs);
  }
}

export class NeverSaysWhy extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const { cause } = batch;
    const count = super.wait(batch, timeoutMs);
    batch.cause = cause;
    return count;
  }
}

export class TakesInterruptsForTimeouts extends FakePoller {
  override wait(batch: ReadyBatch, timeoutMs: number): number {
    const count = super.wait(batch, timeoutMs);
    if (batch.cause === 'interrupt') {
      batch.cause = 'timeout';
    }
    return count;
  }
}

export class DoesNotRebuild extends FakePoller {
  override rebuild(): void {
    this.clearLog();
  }
}

export class RebuildsWithStrangers extends FakePoller {
  override rebuild(interests: Parameters<FakePoller['rebuild']>[0]): void {
    super.rebuild([]);
    for (const { fd, events, generation } of interests) {
      try {
        super.add(fd, events, generation);
      } catch {
        this.clearLog();
      }
    }
  }
}

export class CannotBeClosedTwice extends FakePoller {
  override close(): void {
    if (this.closed) {
      throw new Error('closed already');
    }
    super.close();
  }
}

export class NeverCallsBack extends FakePoller {
  override attach(): Attachment {
    return super.attach(() => undefined);
  }
}
