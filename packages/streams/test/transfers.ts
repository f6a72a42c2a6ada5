import { readdirSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { EventManager, EventSet } from '@em/sys';
import { expect } from 'vitest';
import type { ByteSink, ByteSource, MessageSink, MessageSource } from '../src/index.js';
import { until } from './running.js';

/** When something happens to a transfer. */
const POINTS = [
  'before it starts',
  'before the first chunk',
  'at the first chunk',
  'in the middle',
  'while back-pressure blocks it',
  'at the end',
] as const;
type Point = (typeof POINTS)[number];

/** What happens to it. */
const ACTS = ['an abort', 'destroy()', 'destroy(error)', 'the end'] as const;
type Act = (typeof ACTS)[number];

/** The number of chunks after which a transfer is in the middle, and those of a whole transfer. */
const MIDDLE = 3;
const WHOLE = 5;
const CHUNK_BYTES = 1_000;
const LARGE_BYTES = 16_384;
/** A transfer is blocked once nothing has changed for this number of turns. */
const QUIET_TURNS = 3;
const LIMIT_MS = 20_000;

const FAILURE = new Error('enough');

/** What happens to a transfer, and when. Knows what was sent and received. */
export class Script {
  readonly point: Point;
  readonly act: Act;
  readonly manager: EventManager;
  readonly controller: AbortController = new AbortController();
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  /** Whether it has happened. */
  isDone: boolean = false;
  readonly #destroy: (error?: Error) => void;
  readonly #end: () => void;

  constructor(
    manager: EventManager,
    [act, point]: readonly [Act, Point],
    destroy: (error?: Error) => void,
    end: () => void = () => undefined,
  ) {
    this.manager = manager;
    this.act = act;
    this.point = point;
    this.#destroy = destroy;
    this.#end = end;
  }

  get title(): string {
    return `${this.act}, ${this.point}`;
  }

  do(): void {
    if (this.isDone) {
      return;
    }
    this.isDone = true;
    switch (this.act) {
      case 'an abort':
        this.controller.abort();
        break;
      case 'destroy()':
        this.#destroy();
        break;
      case 'destroy(error)':
        this.#destroy(FAILURE);
        break;
      case 'the end':
        this.#end();
        break;
    }
  }

  /** A web stream accepts writes as long as it does not know that its Node stream is destroyed: hence the pause. */
  async doAndPause(): Promise<void> {
    this.do();
    await setImmediate();
  }

  /** Whether the transfer is to be blocked first. */
  get isBlocking(): boolean {
    return this.point === 'while back-pressure blocks it';
  }

  get hasAllArrived(): boolean {
    return Buffer.concat(this.received).length === Buffer.concat(this.sent).length;
  }

  /**
   * What a writer sends. Plays the script on the way.
   *
   * @param afterEach - Waits until there is room again.
   */
  async *chunks(afterEach: () => void | Promise<void>): AsyncGenerator<Buffer> {
    await this.begin();
    while (!this.isDone || this.act !== 'the end') {
      const chunk = this.nextChunk();
      const count = this.sent.push(chunk);
      yield chunk;
      if (!this.isBlocking) {
        await afterEach();
      }
      if (this.isAt(count)) {
        await this.doAndPause();
      } else if (this.isWhole(count)) {
        process.nextTick(() => this.do());
        return;
      }
    }
  }

  /** A chunk to send. */
  nextChunk(): Buffer {
    const length = this.isBlocking ? LARGE_BYTES : CHUNK_BYTES;
    return Buffer.alloc(length, this.sent.length + 1);
  }

  /** Whether it happens after this number of chunks. */
  isAt(chunks: number): boolean {
    return (
      (this.point === 'at the first chunk' && chunks === 1) || (this.point === 'in the middle' && chunks === MIDDLE)
    );
  }

  isWhole(chunks: number): boolean {
    return chunks >= WHOLE && !this.isBlocking;
  }

  /** Does what comes before the first chunk. */
  async begin(): Promise<void> {
    if (this.point === 'before it starts') {
      await this.doAndPause();
    } else if (this.point === 'before the first chunk') {
      await setImmediate();
      await setImmediate();
      await this.doAndPause();
    }
  }

  /** Waits until the transfer is settled, and checks how. */
  async expectOutcome(transfer: Promise<unknown>): Promise<void> {
    const [outcome] = await this.#within(Promise.allSettled([transfer]));
    const { title } = this;
    if (outcome?.status === 'fulfilled') {
      if (this.act !== 'the end') {
        expect(this.point, title).toBe('at the end');
      }
      return;
    }
    const reason: unknown = outcome?.reason;
    if (this.act === 'destroy(error)') {
      expect(reason, title).toBe(FAILURE);
      return;
    }
    const { name, code } = reason as { name: string; code?: string };
    const found = code === 'ERR_STREAM_PREMATURE_CLOSE' ? code : name;
    // Web streams report an AbortError for both. At the end, an abort may come when the stream has no more to do.
    const expected = {
      'an abort': this.point === 'at the end' ? ['AbortError', 'ERR_STREAM_PREMATURE_CLOSE'] : ['AbortError'],
      'destroy()': ['AbortError', 'ERR_STREAM_PREMATURE_CLOSE'],
      'the end': [],
    };
    expect(expected[this.act], `${title}: ${reason}`).toContain(found);
  }

  /** Checks that everything that was sent has arrived, or the beginning of it if the transfer was broken off. */
  expectBytes(): void {
    const sent = Buffer.concat(this.sent);
    const received = Buffer.concat(this.received);
    if (this.act === 'the end') {
      expect(received.length, this.title).toBe(sent.length);
    }
    expect(sent.subarray(0, received.length).equals(received), this.title).toBe(true);
  }

  until(isSo: () => boolean): Promise<void> {
    return this.#within(until(isSo));
  }

  /** Waits until the only registration is in a state, and stays so. */
  async untilQuiet(
    isSo: (registration: { readonly paused: boolean; readonly events: EventSet }) => boolean,
  ): Promise<void> {
    let turns = 0;
    await this.until(() => {
      turns = [...this.manager].some(isSo) ? turns + 1 : 0;
      return turns > QUIET_TURNS;
    });
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    const limit = new AbortController();
    const late = setTimeout(LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
      throw new Error(`It hangs: ${this.title}`);
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([promise, late]);
    } finally {
      limit.abort();
    }
  }
}

/** Calls back with each act at each point. */
export async function forEachCase(run: (what: readonly [Act, Point]) => Promise<void>): Promise<void> {
  for (const act of ACTS) {
    for (const point of POINTS) {
      await run([act, point]);
    }
  }
}

/** The numbers of the fds that are open. */
export function openFds(): readonly string[] {
  return readdirSync('/proc/self/fd');
}

/** Sends from an end that is not a stream. */
export function send(end: ByteSink | MessageSink, bytes: Uint8Array): number | undefined {
  return 'write' in end ? end.write(bytes) : end.send(bytes);
}

/** Receives all that is there, at an end that is not a stream. */
export function receiveAll(end: ByteSource | MessageSource, into: Buffer[]): void {
  const buffer = Buffer.alloc(65_536);
  for (;;) {
    const length = receive(end, buffer);
    if (length === undefined || length === 0) {
      return;
    }
    into.push(Buffer.from(buffer.subarray(0, length)));
  }
}

function receive(end: ByteSource | MessageSource, buffer: Buffer): number | undefined {
  try {
    return 'read' in end ? end.read(buffer) : end.receive(buffer);
  } catch {
    // A pty whose other end is closed.
    return undefined;
  }
}
