import { EventManager, EventSet, type Registration, type Timer } from '@em/core';
import { Laws, type Subject } from './laws.js';
import type { Program } from './program.js';
import type { File } from './traffic.js';
import type { World } from './world.js';

/** A registration of a program. */
export interface Watched extends Subject {
  readonly file: File;
}

/** A manager in a world, its registrations and files so far, and the log. */
export class Scene {
  readonly world: World;
  readonly laws: Laws;
  readonly manager: EventManager;
  readonly log: string[] = [];
  readonly files: File[] = [];
  readonly watched: Watched[] = [];
  /** The events that were reported, and to which registration. */
  readonly heard: { readonly by: Watched; readonly events: EventSet }[] = [];
  /** The registrations whose callbacks are running, the innermost last. */
  readonly running: Watched[] = [];

  constructor(world: World, { capacity, handlesErrors }: Omit<Program, 'steps'>) {
    this.world = world;
    this.laws = new Laws(world.poller);
    const onError = (error: unknown, handle: Registration | Timer): void =>
      this.note(`onError: ${codeOf(error)}, from ${this.#nameOf(handle as Registration)}`);
    this.manager = new EventManager({ poller: this.laws.poller, capacity, ...(handlesErrors && { onError }) });
    this.laws.watch(this.manager);
  }

  note(line: string): void {
    this.log.push(`${'  | '.repeat(this.running.length)}${line}`);
  }

  /** Returns the file that a step means: see program.ts. */
  file(offset: number): File | undefined {
    const own = this.running.at(-1)?.file;
    return around(this.files, own, offset);
  }

  /** Returns the registration that a step means. */
  registration(offset: number): Watched | undefined {
    return around(this.watched, this.running.at(-1), offset);
  }

  /** Whether the number is a trigger now. */
  isTrigger(fd: number): boolean {
    return this.files.some((file) => file.kind === 'trigger' && file.isOpen && file.fd.fd === fd);
  }

  watch(file: File, events: EventSet, callback: (watched: Watched, events: EventSet) => void): Watched {
    const registration = this.manager.add(file.fd, events, (reported) =>
      this.#call(watched, withoutErrorOfTrigger(reported), callback),
    );
    const watched: Watched = {
      name: `r${this.watched.length}`,
      file,
      registration,
      addedAtPoll: this.laws.polls,
      armed: true,
    };
    this.watched.push(watched);
    return watched;
  }

  /** Returns everything that a manager reports about itself. */
  state(): string {
    const { size, closed, stats } = this.manager;
    const { waits, dispatched, stale, masked } = stats;
    const registrations = this.watched.map(({ name, registration: { active, paused, events } }) => {
      const state = active ? EventSet.format(events) : 'ended';
      return `${name} ${state}${paused ? ' paused' : ''}`;
    });
    const order = closed ? 'closed' : [...this.manager].map((registration) => this.#nameOf(registration)).join(' ');
    const totals = `waits ${waits}, dispatched ${dispatched}, stale ${stale}, masked ${masked}`;
    return `size ${size} (${order}), ${totals}; ${registrations.join(', ')}`;
  }

  #call(watched: Watched, events: EventSet, callback: (watched: Watched, events: EventSet) => void): string {
    this.laws.entered(watched, events);
    this.heard.push({ by: watched, events });
    this.running.push(watched);
    try {
      callback(watched, events);
      return watched.name;
    } finally {
      this.running.pop();
      this.laws.left();
    }
  }

  #nameOf(registration: Registration): string {
    return this.watched.find((watched) => watched.registration === registration)?.name ?? 'another registration';
  }
}

/** Returns the code of an error. An error without a code is a fault of the harness, so it is thrown. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  throw error;
}

/** Only triggers report PRIORITY in a program. That of the kernel reports ERROR with it. */
function withoutErrorOfTrigger(events: EventSet): EventSet {
  return EventSet.has(events, EventSet.PRIORITY) ? EventSet.difference(events, EventSet.ERROR) : events;
}

function around<T>(items: readonly T[], own: T | undefined, offset: number): T | undefined {
  const from = own === undefined ? 0 : items.indexOf(own);
  return items[(from + offset) % items.length];
}
