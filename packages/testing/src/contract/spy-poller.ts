import type { EventSet, Interest, Poller, ReadyBatch } from '@em/core';

/** What the suite is about: all but the host loop, which is not there in a test that has to be over when it returns. */
type Method = Exclude<keyof Poller, 'attach' | 'onLeftovers'>;

/** Stands before a poller, counts what is asked of it, and refuses once what it is told to refuse. */
export class SpyPoller implements Poller {
  readonly calls: Record<Method, number> = { add: 0, modify: 0, delete: 0, wait: 0, wake: 0, rebuild: 0, close: 0 };
  /** Only if the poller has it. */
  readonly rebuild?: (interests: readonly Interest[]) => void;
  readonly #poller: Poller;
  readonly #refusals = new Map<Method, Error>();

  constructor(poller: Poller) {
    this.#poller = poller;
    const { rebuild } = poller;
    if (rebuild !== undefined) {
      this.rebuild = (interests): void => {
        this.#pass('rebuild');
        rebuild.call(poller, interests);
      };
    }
  }

  /** Makes the next call of a method throw, without reaching the poller. */
  refuseNext(method: Method, error: Error): void {
    this.#refusals.set(method, error);
  }

  add(fd: number, events: EventSet, generation: number): void {
    this.#pass('add');
    this.#poller.add(fd, events, generation);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    this.#pass('modify');
    this.#poller.modify(fd, events, generation);
  }

  delete(fd: number): void {
    this.#pass('delete');
    this.#poller.delete(fd);
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    this.#pass('wait');
    return this.#poller.wait(batch, timeoutMs);
  }

  wake(): void {
    this.#pass('wake');
    this.#poller.wake();
  }

  close(): void {
    this.#pass('close');
    this.#poller.close();
  }

  #pass(method: Method): void {
    this.calls[method]++;
    const refusal = this.#refusals.get(method);
    if (refusal !== undefined) {
      this.#refusals.delete(method);
      throw refusal;
    }
  }
}
