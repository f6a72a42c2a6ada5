import { EventSet } from '@em/core';
import { describeStep } from './describe.js';
import type { FdStep, FileStep, Kind, OtherStep, Program, RegistrationStep, Step } from './program.js';
import { codeOf, Scene, type Watched } from './scene.js';
import { settle } from './settle.js';
import { accept, connect, type File, openFiles, read, shutdown, write } from './traffic.js';
import type { World } from './world.js';

/**
 * Maximum number of steps of a run, because callbacks can wait inside themselves. The writes to a socket depend on it.
 */
const MAX_STEPS = 64;
const MAX_OPEN_FILES = 24;

/**
 * The interests in a trigger. The others are left out: the kernel's file also reports IN and OUT, and the poller watches
 * ONE_SHOT from a thread, as it does everything under run(), so that the time of a report is not determined.
 */
const OF_TRIGGER = EventSet.union(EventSet.PRIORITY, EventSet.EDGE_TRIGGERED);

/** What a run of a program has shown. */
export interface Observations {
  /** One line each. */
  readonly log: readonly string[];
  /** Breaches of the laws in laws.ts. */
  readonly violations: readonly string[];
  /** Number of steps taken. */
  readonly steps: number;
}

/** The error of a callback. Each callback throws one of its own, so that an error in the wrong place shows. */
class Thrown extends Error {
  readonly code: string;

  constructor(by: Watched) {
    super(`Thrown by ${by.name}`);
    this.code = `thrown by ${by.name}`;
  }
}

/** Runs a program in a world, and logs everything that it shows. */
export function run({ steps, ...options }: Program, world: World): Observations {
  const scene = new Scene(world, options);
  const interpreter = new Interpreter(scene);
  interpreter.takeAll(steps);
  const taken = interpreter.stop();
  settle(scene);
  return { log: scene.log, violations: scene.laws.violations, steps: taken };
}

class Interpreter {
  readonly #scene: Scene;
  #stepsLeft = MAX_STEPS;
  #isOver = false;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  takeAll(steps: readonly Step[]): void {
    for (const step of steps) {
      if (this.#stepsLeft === 0) {
        return;
      }
      this.#stepsLeft--;
      this.#take(step);
      this.#scene.laws.stepped(this.#scene.watched);
    }
  }

  /** Takes no more steps, in callbacks either. Returns how many it has taken. */
  stop(): number {
    this.#isOver = true;
    return MAX_STEPS - this.#stepsLeft;
  }

  /** Only the step `throw` throws. */
  #take(step: Step): void {
    const scene = this.#scene;
    const self = scene.running.at(-1);
    if (step.do === 'throw' && self !== undefined) {
      scene.note('throw');
      throw new Thrown(self);
    }
    const isWait = step.do === 'wait' || step.do === 'dispatch';
    if (isWait) {
      scene.note(describeStep(step));
    }
    let outcome: string;
    try {
      outcome = this.#outcomeOf(step);
    } catch (error) {
      outcome = codeOf(error);
      scene.laws.refused(outcome, 'fd' in step ? scene.file(step.fd)?.fd.fd : undefined);
    }
    scene.note(`${isWait ? '' : `${describeStep(step)} `}→ ${outcome}`);
    if (isWait) {
      const { cause, ready, dispatched, stale, masked } = scene.manager.lastWait;
      scene.note(`  ${cause}: ready ${ready}, dispatched ${dispatched}, stale ${stale}, masked ${masked}`);
    }
    if (isWait && self === undefined) {
      scene.note(`  ${scene.state()}`);
    }
  }

  #outcomeOf(step: Step): string {
    const scene = this.#scene;
    if ('file' in step) {
      const file = scene.file(step.file);
      return file === undefined ? 'no file' : `${file.name}: ${file.isOpen ? this.#withFile(step, file) : 'closed'}`;
    }
    if ('fd' in step) {
      const file = scene.file(step.fd);
      return file === undefined ? 'no file' : `${file.name}: ${this.#withFd(step, file)}`;
    }
    if ('registration' in step) {
      const watched = scene.registration(step.registration);
      return watched === undefined ? 'no registration' : `${watched.name}: ${this.#withRegistration(step, watched)}`;
    }
    return this.#withManager(step);
  }

  #withFile(step: FileStep, file: File): string {
    switch (step.do) {
      case 'close':
        file.isOpen = false;
        file.fd.close();
        return 'done';
      case 'dup':
        return this.#dup(file);
      case 'write':
        return file.fd.connect === undefined ? write(file, step.amount) : this.#haveRoom(() => connect(file));
      case 'read':
        return file.fd.accept === undefined ? read(file, step.amount) : this.#haveRoom(() => accept(file));
      case 'shutdown':
        return shutdown(file, step.how);
    }
  }

  #withFd(step: FdStep, file: File): string {
    const { manager, watched } = this.#scene;
    const { fd } = file.fd;
    switch (step.do) {
      case 'add fd':
        return this.#add(file, this.#allowed(fd, step.events), step.callback);
      case 'modify fd':
        manager.modify(fd, this.#allowed(fd, step.events));
        rearmed(watched.find(({ registration }) => registration === manager.get(fd)));
        return 'done';
      case 'delete fd':
        return String(manager.delete(fd));
    }
  }

  #withRegistration(step: RegistrationStep, watched: Watched): string {
    const { registration } = watched;
    const { fd } = registration;
    // The number was another file when it was registered, and these steps may add the trigger with that interest.
    if (step.do !== 'delete' && step.do !== 'pause' && this.#allowed(fd, registration.events) !== registration.events) {
      return 'left out';
    }
    switch (step.do) {
      case 'modify':
      case 'enable':
        registration[step.do](this.#allowed(fd, step.events));
        rearmed(watched);
        return EventSet.format(registration.events);
      case 'disable':
        registration.disable(
          this.#scene.isTrigger(fd) ? EventSet.intersection(step.events, EventSet.EDGE_TRIGGERED) : step.events,
        );
        rearmed(watched);
        return EventSet.format(registration.events);
      case 'rearm':
        registration.rearm();
        rearmed(watched);
        return 'done';
      case 'pause':
      case 'resume':
        registration[step.do]();
        return 'done';
      case 'delete':
        return String(registration.delete());
    }
  }

  #withManager(step: OtherStep): string {
    const { manager } = this.#scene;
    switch (step.do) {
      case 'open':
        return this.#open(step.kind);
      case 'wait':
        return this.#wait();
      case 'dispatch':
        return this.#dispatch(step.take);
      case 'pass':
        this.#scene.world.pass(step.ticks);
        return 'done';
      case 'wake':
        manager.wake();
        return 'done';
      case 'close manager':
        manager.close();
        return 'done';
      case 'throw':
        return 'not in a callback';
    }
  }

  /** Returns the interest itself, or what of it a trigger may have. */
  #allowed(fd: number, events: EventSet): EventSet {
    return this.#scene.isTrigger(fd)
      ? EventSet.union(EventSet.PRIORITY, EventSet.intersection(events, OF_TRIGGER))
      : events;
  }

  #open(kind: Kind): string {
    // A write to the kernel's file fires all open ones, in the order of their watchers.
    if (kind === 'trigger' && this.#scene.files.some((file) => file.kind === 'trigger')) {
      return 'one is enough';
    }
    return this.#haveRoom(() => openFiles(this.#scene.world, kind));
  }

  #dup(file: File): string {
    return this.#haveRoom(() => [{ ...file, fd: file.fd.dup() }]);
  }

  #haveRoom(create: () => File[]): string {
    const { files, world } = this.#scene;
    if (files.filter(({ isOpen }) => isOpen).length >= MAX_OPEN_FILES) {
      return 'no room';
    }
    const created = create();
    for (const file of created) {
      file.name = `f${files.length}`;
      files.push(file);
    }
    return created.map(({ name, fd }) => `${name} is fd ${world.relative(fd.fd)}`).join(', ') || 'would block';
  }

  #add(file: File, events: EventSet, callback: readonly Step[]): string {
    const scene = this.#scene;
    const added = scene.watch(file, events, ({ name }, reported) => {
      if (!this.#isOver) {
        scene.note(`${name} is called: ${EventSet.format(reported)}`);
        this.takeAll(callback);
      }
    });
    return added.name;
  }

  #wait(): string {
    const { laws, manager } = this.#scene;
    const before = laws.callsHere;
    const count = manager.wait(0);
    laws.waited(count, laws.callsHere - before);
    return String(count);
  }

  /** Ends the iteration after `take` results. */
  #dispatch(take: number): string {
    const results = this.#scene.manager.dispatch<string>(0);
    const taken: string[] = [];
    for (let i = 0; i < take; i++) {
      const { done, value } = results.next();
      if (done) {
        break;
      }
      taken.push(value);
    }
    results.return?.();
    return `results ${taken.join(' ')}`;
  }
}

function rearmed(watched: Watched | undefined): void {
  if (watched !== undefined) {
    watched.armed = true;
  }
}
