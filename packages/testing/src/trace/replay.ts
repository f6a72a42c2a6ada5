import type { Attachment, EventSet, FdLike, Observer, Poller, ReadyBatch, Registration, Timer } from '@em/core';
import { checkObject, invalidType, outOfRange } from '@em/core/check';
import { HostTurn } from '../host-turn.js';
import { departure, describe, type ReplayDeparture } from './departure.js';
import type { CallStep, ChangeStep, RecordedStep, Recording, TimerStep } from './recording.js';

/** How many turns of the host loop the code has, under `run`, to do what is recorded. */
const PATIENCE_TURNS = 20_000;

/** The steps with this `op`. */
type StepOf<O extends RecordedStep['op'], S = RecordedStep> = S extends { readonly op: infer P }
  ? O extends P
    ? S
    : never
  : never;

/** A registration of the code under test. */
interface Live {
  readonly fd: number;
  generation: number;
}

/** A poller that replays. */
export interface Replay extends Poller {
  /**
   * Whether every step of the recording has been replayed.
   *
   * @throws ReplayDeparture `ERR_EM_REPLAY_DEPARTED` if the code has departed, even if it caught that error.
   */
  readonly done: boolean;

  /** Fulfils when every step has been replayed. Rejects with ReplayDeparture `ERR_EM_REPLAY_DEPARTED`. */
  readonly finished: Promise<void>;
}

/**
 * Makes a poller that reports what a recording has: the same events, in the same order, to the same registrations. It
 * compares what the code under test does with what is recorded: each change of interest, each timer that it sets, each
 * call, and whether that throws. Registrations are matched by their order and labels, so their fds may be others.
 *
 * The recording does not have what the code reads: give the code fd objects of your own, which return what the test
 * needs. The clock of the poller is that of the recording.
 *
 * Once the code does something else, that call and all later ones throw an error that names the step, what is recorded
 * there, and what the code did.
 *
 * @param recording - Of {@link Trace.toJSON}, from its beginning.
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a recording.
 * @throws RangeError `ERR_OUT_OF_RANGE` if its beginning is missing, because the ring was too small.
 *
 * @example Replay what happened in production
 * ```ts
 * const poller = replay(JSON.parse(readFileSync('recording.json', 'utf8')));
 * const manager = new EventManager({ poller });
 * startServer(manager, fakeListener);
 * while (!poller.done) {
 *   manager.wait();
 * }
 * ```
 */
export function replay(recording: Recording): Replay {
  checkObject('recording', recording);
  const { format, version, dropped, steps } = recording;
  if (format !== 'em-recording' || version !== 1 || !Array.isArray(steps)) {
    throw invalidType('recording', 'what toJSON() of a trace returns', recording);
  }
  if (dropped !== 0) {
    throw outOfRange('recording.dropped', '0: make the option "entries" of trace() larger', dropped);
  }
  return new ReplayPoller(steps);
}

class ReplayPoller implements Replay {
  readonly finished: Promise<void>;
  readonly observer: Observer;
  readonly #steps: readonly RecordedStep[];
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  /** The index of the next step. */
  #next = 0;
  #nowMs: number;
  /** By recorded generation. Those that have ended stay, because their stale events are replayed, too. */
  readonly #live = new Map<number, Live>();
  /** The recorded generation of a recorded fd. */
  readonly #generations = new Map<number, number>();
  /** Labels of the registrations, by their fds. */
  readonly #labels = new Map<number, string | undefined>();
  #departure: ReplayDeparture | undefined;
  #pump: Pump | undefined;

  constructor(steps: readonly RecordedStep[]) {
    this.#steps = steps;
    this.#nowMs = steps[0]?.atMs ?? 0;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A test that does not use the promise asks `done`.
    this.finished.catch(() => undefined);
    this.observer = this.#createObserver();
    this.#skip();
  }

  get done(): boolean {
    if (this.#departure !== undefined) {
      throw this.#departure;
    }
    return this.#next === this.#steps.length;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  add(fd: number, events: EventSet, generation: number, _target?: FdLike): void {
    const did: ChangeStep = this.#change('add', fd, events, generation);
    const step = this.#take('add', did, (recorded) => recorded.events === events && recorded.label === did.label);
    this.#throwRecorded(step, fd);
    if (step !== undefined) {
      this.#live.set(step.generation, { fd, generation });
      this.#generations.set(step.fd, step.generation);
    }
  }

  modify(fd: number, events: EventSet, generation: number): void {
    const did = this.#change('modify', fd, events, generation);
    const step = this.#take('modify', did, (recorded) => recorded.events === events && this.#fdOf(recorded.fd) === fd);
    this.#throwRecorded(step, fd);
    if (step !== undefined) {
      // Another generation if it is a ONE_SHOT: the events of the former one stay those of the former one.
      const former = this.#generations.get(step.fd);
      if (former !== step.generation) {
        this.#live.set(step.generation, { fd, generation });
        this.#generations.set(step.fd, step.generation);
      }
    }
  }

  delete(fd: number): void {
    const did = { op: 'delete', fd, ...this.#label(fd), atMs: 0 } as const;
    const step = this.#take('delete', did, (recorded) => this.#fdOf(recorded.fd) === fd);
    this.#throwRecorded(step, fd);
  }

  wait(batch: ReadyBatch, _timeoutMs: number): number {
    if (this.#departure === undefined && this.#next === this.#steps.length) {
      throw this.#depart('it waits');
    }
    const step = this.#take('wait', { op: 'wait', atMs: 0, ready: [] }, ({ ready }) => ready.length <= batch.capacity);
    this.#throwRecorded(step);
    if (step === undefined) {
      return 0;
    }
    let count = 0;
    for (const [, events, recorded] of step.ready) {
      const live = this.#live.get(recorded);
      if (live !== undefined) {
        batch.set(count++, live.fd, events, live.generation);
      }
    }
    batch.cause = step.cause ?? 'timeout';
    return count;
  }

  /** Does nothing: the recording has the waits that a wake has ended. */
  wake(): void {
    // Nothing to do.
  }

  rebuild(): void {
    this.#throwRecorded(this.#take('rebuild', { op: 'rebuild', atMs: 0 }, () => true));
  }

  attach(onReady: () => void): Attachment {
    const pump = new Pump((turns) => {
      if (this.#departure !== undefined || this.#next === this.#steps.length) {
        return false;
      }
      if (this.#steps[this.#next]?.op === 'wait') {
        onReady();
      } else if (turns >= PATIENCE_TURNS) {
        this.#depart(`for ${PATIENCE_TURNS} turns of the event loop, it did nothing`);
        onReady();
      }
      return true;
    });
    this.#pump = pump;
    return pump;
  }

  close(): void {
    this.#pump?.detach();
  }

  #createObserver(): Observer {
    return {
      onAdd: ({ fd, label }: Registration, callback) => {
        this.#labels.set(fd, label);
        return (events, registration) => {
          const { generation } = registration;
          const did: CallStep = { op: 'call', atMs: 0, fd, events, generation, ...(label !== undefined && { label }) };
          return this.#call(did, () => callback(events, registration));
        };
      },
      onTimer: (timer: Timer, callback) => {
        const label = timer.label === undefined ? {} : { label: timer.label };
        this.#take('set-timer', { op: 'set-timer', atMs: 0, ...label }, (recorded) => recorded.label === timer.label);
        return (handle) => this.#call({ op: 'timer', atMs: 0, ...label }, () => callback(handle));
      },
      onEnd: ({ fd, label }) => {
        // It must not throw. The error comes with the next call.
        try {
          const did = { op: 'end', atMs: 0, fd, ...(label !== undefined && { label }) } as const;
          this.#take('end', did, (recorded) => this.#fdOf(recorded.fd) === fd && recorded.label === label);
        } catch {
          // Kept as the departure.
        }
      },
    };
  }

  #call(did: CallStep | TimerStep, call: () => unknown): unknown {
    const index = this.#next;
    const step: CallStep | TimerStep | undefined =
      did.op === 'call'
        ? this.#take('call', did, (recorded) => this.#isSameCall(recorded, did))
        : this.#take('timer', did, ({ label }) => label === did.label);
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      if (step !== undefined && step.threw !== true) {
        this.#departUnlessDeparted(`${describe(did)} threw ${error}`, index);
      }
      throw error;
    }
    if (step?.threw === true) {
      throw this.#departUnlessDeparted(`${describe(did)} did not throw`, index);
    }
    return result;
  }

  #isSameCall(recorded: CallStep, did: CallStep): boolean {
    const isSameRegistration = this.#live.get(recorded.generation)?.generation === did.generation;
    return isSameRegistration && recorded.events === did.events;
  }

  /**
   * Takes the next step, if it is what the code does. Returns `undefined` after the end of the recording.
   *
   * @throws ReplayDeparture if it is something else.
   */
  #take<O extends RecordedStep['op']>(
    op: O,
    did: RecordedStep,
    matches: (recorded: StepOf<O>) => boolean,
  ): StepOf<O> | undefined {
    if (this.#departure !== undefined) {
      throw this.#departure;
    }
    const step = this.#steps[this.#next];
    if (step === undefined) {
      return undefined;
    }
    if (step.op !== op || !matches(step as StepOf<O>)) {
      throw this.#depart(describe(did));
    }
    this.#nowMs = step.atMs;
    this.#next++;
    this.#skip();
    this.#pump?.onProgress();
    return step as StepOf<O>;
  }

  /** A wake may come from another thread, and is seen by its effect. */
  #skip(): void {
    while (this.#steps[this.#next]?.op === 'wake') {
      this.#next++;
    }
    if (this.#next === this.#steps.length) {
      this.#resolve();
    }
  }

  #depart(did: string, index: number = this.#next): ReplayDeparture {
    this.#departure = departure(did, index, this.#steps);
    this.#reject(this.#departure);
    return this.#departure;
  }

  #departUnlessDeparted(did: string, index: number): ReplayDeparture {
    return this.#departure ?? this.#depart(did, index);
  }

  #throwRecorded(step: { readonly error?: string } | undefined, fd?: number): void {
    if (step?.error !== undefined) {
      const { error: code } = step;
      throw Object.assign(new Error(`${code}: recorded error`), { code, ...(fd !== undefined && { fd }) });
    }
  }

  #fdOf(recordedFd: number): number | undefined {
    return this.#live.get(this.#generations.get(recordedFd) ?? 0)?.fd;
  }

  #change(op: 'add' | 'modify', fd: number, events: EventSet, generation: number): ChangeStep {
    return { op, atMs: 0, fd, events, generation, ...this.#label(fd) };
  }

  #label(fd: number): { label?: string } {
    const label = this.#labels.get(fd);
    return label === undefined ? {} : { label };
  }
}

/** Takes a step in each turn of the host loop. */
class Pump implements Attachment {
  readonly #step: (turns: number) => boolean;
  #turn: HostTurn | undefined;
  #turns = 0;
  #hasRef = true;
  #isDetached = false;

  /** @param step - Gets the number of turns since the last progress. Returns whether there is more to do. */
  constructor(step: (turns: number) => boolean) {
    this.#step = step;
    this.#goOn();
  }

  onProgress(): void {
    this.#turns = 0;
    this.#goOn();
  }

  ref(): void {
    this.#hasRef = true;
    this.#turn?.ref();
  }

  unref(): void {
    this.#hasRef = false;
    this.#turn?.unref();
  }

  /** Timers are called when the recording has them. */
  setAlarm(): void {
    // Nothing to do.
  }

  detach(): void {
    this.#isDetached = true;
    this.#turn?.cancel();
  }

  #goOn(): void {
    if (!this.#isDetached) {
      this.#turn ??= new HostTurn(() => this.#onTurn(), this.#hasRef);
    }
  }

  #onTurn(): void {
    this.#turn = undefined;
    this.#turns++;
    if (this.#step(this.#turns)) {
      this.#goOn();
    }
  }
}
