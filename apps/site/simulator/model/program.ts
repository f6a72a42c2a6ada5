import { EventManager, EventSet, type Poller, type Registration } from '@em/core';
import { DEFAULT_INSTANCE, type How, ProgramError, type Step } from './step.ts';
import type { World, WorldFd } from './world.ts';

/** The call of a callback. */
interface Report {
  readonly subscription: string;
  readonly events: EventSet;
}

/** A file, and the names of the fds for it. */
export interface FileView {
  readonly kind: 'pipe' | 'socket' | 'eventfd' | 'timer' | 'trigger';
  /** A pipe has a reading end and a writing end, a socket pair two ends, the others one. */
  readonly ends: readonly EndView[];
  /** When a timer fires next, where the world can see it. */
  readonly dueInMs: number | undefined;
}

/** One end of a file. */
export interface EndView {
  readonly fds: readonly string[];
  /** How many bytes can be read here, or what an eventfd counts. */
  readonly amount: number;
}

/** One subscription: the interest of an instance in an fd. */
export interface SubscriptionView {
  readonly name: string;
  readonly fd: string;
  readonly instance: string;
  readonly events: EventSet;
  readonly state: 'active' | 'paused' | 'fired' | 'ended';
  readonly reports: readonly EventSet[];
  /** The events that are true now and asked for. */
  readonly pending: EventSet;
  readonly isQueued: boolean;
  /** Whether the fd still stands for the file. */
  readonly isReachable: boolean;
}

/** One epoll instance. */
export interface InstanceView {
  readonly name: string;
  readonly capacity: number;
  /** Whether it is nested as epoll does it, without the protection of the library. */
  readonly isPlain: boolean;
  /** The names of the subscriptions in the ready list, the next to be asked first. */
  readonly ready: readonly string[];
}

/** Everything that can be seen after a step. */
export interface Frame {
  /** `undefined` before the first step. */
  readonly step: Step | undefined;
  /** What the step returned, in words. It is the same in every world. */
  readonly outcome: string;
  readonly reports: readonly Report[];
  readonly files: readonly FileView[];
  readonly instances: readonly InstanceView[];
  readonly subscriptions: readonly SubscriptionView[];
}

/** Runs a program from its start, and returns what can be seen before the first step and after each. */
export function run(steps: readonly Step[], world: World): readonly Frame[] {
  const machine = new Machine(world);
  try {
    return [machine.frame(undefined, ''), ...steps.map((step) => machine.take(step))];
  } finally {
    machine.close();
  }
}

interface End {
  readonly fds: string[];
  amount: number;
}

interface File {
  readonly kind: FileView['kind'];
  readonly ends: readonly End[];
}

interface Open {
  readonly fd: WorldFd;
  readonly file: File;
  /** The end that it reads from. */
  readonly from: End;
  /** The end at which what it writes can be read. */
  readonly to: End;
  /** The end that it belongs to. */
  readonly at: End;
}

interface Instance {
  readonly manager: EventManager;
  readonly poller: Poller;
  readonly capacity: number;
  readonly isPlain: boolean;
}

interface Subscription {
  readonly fd: string;
  readonly number: number;
  readonly instance: string;
  readonly registration: Registration;
  readonly reports: EventSet[];
  /** Those that the interest list has given it. */
  readonly generations: Set<number>;
}

/** The most bytes that a step reads. */
const ALL = 1 << 16;

class Machine {
  readonly #world: World;
  readonly #open = new Map<string, Open>();
  readonly #files: File[] = [];
  readonly #instances = new Map<string, Instance>();
  readonly #subscriptions = new Map<string, Subscription>();
  #reports: Report[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  take(step: Step): Frame {
    this.#reports = [];
    let outcome: string;
    try {
      outcome = this.#do(step);
    } catch (error) {
      if (error instanceof ProgramError) {
        throw error;
      }
      outcome = `fails: ${String((error as { code?: unknown }).code ?? error)}`;
    }
    return this.frame(step, outcome);
  }

  frame(step: Step | undefined, outcome: string): Frame {
    const lists = new Map([...this.#instances].map(([name, { poller }]) => [name, this.#world.inspect(poller)]));
    for (const [name, { number, instance, generations }] of this.#subscriptions) {
      const siblings = [...this.#subscriptions.values()].filter((other) => other.instance === instance);
      const known = new Set(siblings.flatMap((sibling) => [...sibling.generations]));
      for (const { fd, generation } of lists.get(instance)?.interests ?? []) {
        if (fd === number && !known.has(generation) && this.#newest(instance, number) === name) {
          generations.add(generation);
        }
      }
    }
    return {
      step,
      outcome,
      reports: this.#reports,
      files: this.#files.map((file) => ({
        kind: file.kind,
        ends: file.ends.map(({ fds, amount }) => ({ fds: [...fds], amount })),
        dueInMs: [...this.#open.values()].find((open) => open.file === file)?.fd.dueInMs?.(),
      })),
      instances: [...this.#instances].map(([name, { capacity, isPlain }]) => ({
        name,
        capacity,
        isPlain,
        ready: (lists.get(name)?.ready ?? []).map(({ generation }) => this.#nameOf(name, generation)),
      })),
      subscriptions: [...this.#subscriptions].map(([name, subscription]) => {
        const { fd, instance, registration, reports, generations } = subscription;
        const entry = lists.get(instance)?.interests.find(({ generation }) => generations.has(generation));
        const { events } = registration;
        return {
          name,
          fd,
          instance,
          events,
          state: stateOf(registration, entry?.armed),
          reports: [...reports],
          pending: entry?.pending ?? EventSet.EMPTY,
          isQueued: entry?.isQueued ?? false,
          isReachable: entry?.isReachable ?? true,
        };
      }),
    };
  }

  close(): void {
    for (const { manager } of this.#instances.values()) {
      manager.close();
    }
    for (const { fd } of this.#open.values()) {
      fd.close();
    }
    this.#world.close();
  }

  #do(step: Step): string {
    switch (step.do) {
      case 'instance':
        this.#free(step.name);
        this.#makeInstance(step.name, step.capacity, step.isPlain);
        return 'is there';
      case 'pipe': {
        const [reader, writer] = this.#world.pipe();
        const [near, far] = [end(step.reader), end(step.writer)];
        this.#file('pipe', [near, far]);
        this.#name(step.reader, { fd: reader, file: this.#last(), from: near, to: near, at: near });
        this.#name(step.writer, { fd: writer, file: this.#last(), from: near, to: near, at: far });
        return `has the numbers ${reader.fd} and ${writer.fd}`;
      }
      case 'socketpair': {
        const [one, other] = this.#world.socketpair();
        const [near, far] = [end(step.one), end(step.other)];
        this.#file('socket', [near, far]);
        this.#name(step.one, { fd: one, file: this.#last(), from: near, to: far, at: near });
        this.#name(step.other, { fd: other, file: this.#last(), from: far, to: near, at: far });
        return `has the numbers ${one.fd} and ${other.fd}`;
      }
      case 'eventfd':
      case 'timer':
      case 'trigger': {
        const fd = this.#world[step.do]();
        const at = end(step.fd);
        this.#file(step.do, [at]);
        this.#name(step.fd, { fd, file: this.#last(), from: at, to: at, at });
        return `has the number ${fd.fd}`;
      }
      case 'dup': {
        const original = this.#find(step.fd);
        const fd = original.fd.dup();
        this.#name(step.as, { ...original, fd });
        original.at.fds.push(step.as);
        return `has the number ${fd.fd}`;
      }
      case 'close': {
        const { fd, at } = this.#find(step.fd);
        fd.close();
        this.#open.delete(step.fd);
        at.fds.splice(at.fds.indexOf(step.fd), 1);
        return 'is closed';
      }
      case 'fire':
        can(this.#find(step.fd).fd.fire, step)();
        return 'has fired';
      case 'write':
        return step.fds.map((name) => this.#write(name, step.bytes, step)).join(', ');
      case 'read':
        return step.fds.map((name) => this.#read(name, step.bytes === 'all' ? ALL : step.bytes, step)).join(', ');
      case 'herd':
        return this.#herd(step);
      case 'shutdown':
        can<(how: How) => void>(this.#find(step.fd).fd.shutdown, step)(step.how);
        return 'is shut down';
      case 'arm':
        can<(ms: number) => void>(this.#find(step.fd).fd.arm, step)(step.ms);
        return `fires in ${step.ms} ms`;
      case 'pass':
        this.#world.pass(step.ms);
        return `${step.ms} ms have passed`;
      case 'watch':
        return this.#watch(step);
      case 'modify':
        this.#subscription(step.subscription).modify(step.events);
        return 'is modified';
      case 'rearm':
        this.#subscription(step.subscription).rearm();
        return 'is armed again';
      case 'pause':
        this.#subscription(step.subscription).pause();
        return 'is paused';
      case 'resume':
        this.#subscription(step.subscription).resume();
        return 'is resumed';
      case 'unwatch':
        this.#subscription(step.subscription).delete();
        return 'is deleted';
      case 'wait':
        this.#instance(step.instance).manager.wait(0);
        return this.#reported();
    }
  }

  #write(name: string, bytes: number, step: Step): string {
    const { fd, to } = this.#find(name);
    const written = can<(bytes: number) => number | undefined>(fd.write, step)(bytes);
    to.amount += written ?? 0;
    return written === undefined ? `${name} would block` : `${name} takes ${written}`;
  }

  #read(name: string, maxBytes: number, step: Step): string {
    const { fd, from, file } = this.#find(name);
    const read = can<(maxBytes: number) => number | undefined>(fd.read, step)(maxBytes);
    from.amount -= file.kind === 'timer' ? 0 : (read ?? 0);
    if (read === undefined) {
      return `${name} would block`;
    }
    return read === 0 ? `${name} is at its end` : `${name} gives ${read}`;
  }

  #herd(step: Step & { do: 'herd' }): string {
    const instances = step.instances.map((name) => this.#instance(name));
    let isWritten = false;
    let woken = 0;
    this.#world.whileAsleep(
      instances.map(({ poller }) => poller),
      instances.map(({ manager }) => () => {
        if (manager.wait(HERD_PATIENCE_MS) > 0 && isWritten) {
          woken++;
        }
      }),
      () => {
        this.#write(step.fd, step.bytes, step);
        isWritten = true;
      },
    );
    return woken === 1 ? '1 is woken' : `${woken} are woken`;
  }

  #watch({ fd: name, instance, subscription, events }: Step & { do: 'watch' }): string {
    if (this.#subscriptions.get(subscription)?.registration.active) {
      throw new ProgramError(`There is a subscription “${subscription}” already`);
    }
    const { manager } = this.#instance(instance);
    const number = this.#open.get(name)?.fd.fd ?? this.#fdOf(name);
    const reports: EventSet[] = [];
    const registration = manager.add(number, events, (happened) => {
      reports.push(happened);
      this.#reports.push({ subscription, events: happened });
    });
    this.#subscriptions.delete(subscription);
    this.#subscriptions.set(subscription, {
      fd: name,
      number,
      instance,
      registration,
      reports,
      generations: new Set(),
    });
    return 'is watched';
  }

  #reported(): string {
    const all = this.#reports.map(({ subscription, events }) => `${subscription} ${EventSet.format(events)}`);
    return all.length === 0 ? 'reports nothing' : `reports ${all.join(', ')}`;
  }

  #makeInstance(name: string, capacity = DEFAULT_CAPACITY, isPlain = false): Instance {
    const poller = this.#world.poller();
    const instance = { poller, capacity, isPlain, manager: new EventManager({ poller, capacity }) };
    this.#instances.set(name, instance);
    return instance;
  }

  #instance(name: string): Instance {
    const instance = this.#instances.get(name);
    if (instance === undefined && name !== DEFAULT_INSTANCE) {
      throw new ProgramError(`There is no instance “${name}”`);
    }
    return instance ?? this.#makeInstance(name);
  }

  /** The number of an instance, as a file. */
  #fdOf(name: string): number {
    const instance = this.#instances.get(name);
    if (instance === undefined) {
      throw new ProgramError(`There is no fd “${name}”`);
    }
    return this.#world.fdOf(instance.poller, instance.manager, instance.isPlain);
  }

  #subscription(name: string): Registration {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) {
      throw new ProgramError(`There is no subscription “${name}”`);
    }
    return subscription.registration;
  }

  #newest(instance: string, number: number): string | undefined {
    return [...this.#subscriptions].findLast(
      ([, other]) => other.instance === instance && other.number === number,
    )?.[0];
  }

  #nameOf(instance: string, generation: number): string {
    const found = [...this.#subscriptions].find(
      ([, other]) => other.instance === instance && other.generations.has(generation),
    );
    return found?.[0] ?? '?';
  }

  #file(kind: FileView['kind'], ends: readonly End[]): void {
    for (const { fds } of ends) {
      this.#free(fds[0] as string);
    }
    this.#files.push({ kind, ends });
  }

  #last(): File {
    return this.#files.at(-1) as File;
  }

  #name(name: string, open: Open): void {
    this.#free(name);
    this.#open.set(name, open);
  }

  #free(name: string): void {
    if (this.#open.has(name) || this.#instances.has(name)) {
      throw new ProgramError(`The name “${name}” is taken`);
    }
  }

  #find(name: string): Open {
    const open = this.#open.get(name);
    if (open === undefined) {
      throw new ProgramError(`There is no fd “${name}”`);
    }
    return open;
  }
}

const DEFAULT_CAPACITY = 64;
/** How long a sleeping wait lasts if it is not woken. */
const HERD_PATIENCE_MS = 60;

function stateOf({ active, paused, events }: Registration, isArmed = true): SubscriptionView['state'] {
  if (!active) {
    return 'ended';
  }
  const hasFired = EventSet.has(events, EventSet.ONE_SHOT) && !isArmed;
  const state = hasFired ? 'fired' : 'active';
  return paused ? 'paused' : state;
}

function end(fd: string): End {
  return { fds: [fd], amount: 0 };
}

/** Refuses what a file of this kind cannot do. */
function can<F extends (...args: never[]) => unknown>(method: F | undefined, step: Step): F {
  if (method === undefined) {
    throw new ProgramError(`This fd cannot ${step.do === 'herd' ? 'write' : step.do}`);
  }
  return method;
}
