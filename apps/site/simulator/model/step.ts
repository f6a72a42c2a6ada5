import { EventSet } from '@em/core';

/** Which direction of a socket to shut down. */
export type How = 'read' | 'write' | 'both';

/**
 * One step of a program. Steps name what they act on: fds, epoll instances (which are fds, too) and subscriptions. A
 * subscription is what `watch` makes: the interest of one instance in one fd.
 */
export type Step =
  /** A plain instance is nested as epoll does it, without the protection of the library. */
  | { readonly do: 'instance'; readonly name: string; readonly capacity: number; readonly isPlain: boolean }
  | { readonly do: 'pipe'; readonly reader: string; readonly writer: string }
  | { readonly do: 'socketpair'; readonly one: string; readonly other: string }
  | { readonly do: 'eventfd' | 'timer' | 'trigger'; readonly fd: string }
  | { readonly do: 'dup'; readonly fd: string; readonly as: string }
  | { readonly do: 'close' | 'fire'; readonly fd: string }
  | { readonly do: 'write'; readonly fds: readonly string[]; readonly bytes: number }
  /** A write while each of these instances sleeps in a wait, on a thread of its own. */
  | { readonly do: 'herd'; readonly fd: string; readonly bytes: number; readonly instances: readonly string[] }
  | { readonly do: 'read'; readonly fds: readonly string[]; readonly bytes: number | 'all' }
  | { readonly do: 'shutdown'; readonly fd: string; readonly how: How }
  | { readonly do: 'arm'; readonly fd: string; readonly ms: number }
  | { readonly do: 'pass'; readonly ms: number }
  | {
      readonly do: 'watch';
      readonly fd: string;
      readonly instance: string;
      readonly subscription: string;
      readonly events: EventSet;
    }
  | { readonly do: 'modify'; readonly subscription: string; readonly events: EventSet }
  | { readonly do: 'rearm' | 'pause' | 'resume' | 'unwatch'; readonly subscription: string }
  | { readonly do: 'wait'; readonly instance: string };

/** The name of the instance that `watch` and `wait` use if none is given. */
export const DEFAULT_INSTANCE = 'epoll';

const DEFAULT_CAPACITY = 64;

/** What is wrong with the text of a program. */
export class ProgramError extends Error {}

/**
 * Reads a step, for example `write w 10` or `watch r as edge IN EDGE_TRIGGERED`.
 *
 * @throws ProgramError if the text is no step.
 */
export function parseStep(text: string): Step {
  const words = new Words(text);
  const step = read(words.next('a verb'), words);
  words.end();
  return step;
}

function read(verb: string, words: Words): Step {
  switch (verb) {
    case 'instance': {
      const name = words.name();
      const isPlain = words.skip('plain');
      const capacity = words.isEmpty ? DEFAULT_CAPACITY : words.number('a batch size', 1, 64);
      return { do: verb, name, capacity, isPlain };
    }
    case 'pipe':
      return { do: verb, reader: words.name(), writer: words.name() };
    case 'socketpair':
      return { do: verb, one: words.name(), other: words.name() };
    case 'eventfd':
    case 'timer':
    case 'trigger':
    case 'close':
    case 'fire':
      return { do: verb, fd: words.name() };
    case 'dup':
      return { do: verb, fd: words.name(), as: words.name() };
    case 'write':
      return readWrite(words);
    case 'read': {
      const fds = words.names();
      return { do: verb, fds, bytes: words.skip('all') ? 'all' : words.number('a number of bytes', 1, 9999) };
    }
    case 'shutdown':
      return { do: verb, fd: words.name(), how: words.oneOf(['read', 'write', 'both']) };
    case 'arm':
      return { do: verb, fd: words.name(), ms: words.number('milliseconds', 1, 9999) };
    case 'pass':
      return { do: verb, ms: words.number('milliseconds', 1, 9999) };
    case 'watch': {
      const fd = words.name();
      const instance = words.skip('in') ? words.name() : DEFAULT_INSTANCE;
      return { do: verb, fd, instance, subscription: words.skip('as') ? words.name() : fd, events: words.events() };
    }
    case 'modify':
      return { do: verb, subscription: words.name(), events: words.events() };
    case 'rearm':
    case 'pause':
    case 'resume':
    case 'unwatch':
      return { do: verb, subscription: words.name() };
    case 'wait':
      return { do: verb, instance: words.isEmpty ? DEFAULT_INSTANCE : words.name() };
    default:
      throw new ProgramError(`“${verb}” is not a step`);
  }
}

function readWrite(words: Words): Step {
  const fds = words.names();
  const bytes = words.number('a number of bytes', 1, 9999);
  if (!words.skip('while')) {
    return { do: 'write', fds, bytes };
  }
  const instances = words.names();
  if (fds.length > 1) {
    throw new ProgramError('A write while instances wait goes to one fd');
  }
  return { do: 'herd', fd: fds[0] as string, bytes, instances };
}

/** Writes a step as {@link parseStep} reads it. */
export function formatStep(step: Step): string {
  switch (step.do) {
    case 'instance':
      return words(
        'instance',
        step.name,
        step.isPlain ? 'plain' : undefined,
        step.capacity === DEFAULT_CAPACITY ? undefined : step.capacity,
      );
    case 'pipe':
      return words('pipe', step.reader, step.writer);
    case 'socketpair':
      return words('socketpair', step.one, step.other);
    case 'dup':
      return words('dup', step.fd, step.as);
    case 'write':
    case 'read':
      return words(step.do, ...step.fds, step.bytes);
    case 'herd':
      return words('write', step.fd, step.bytes, 'while', ...step.instances);
    case 'shutdown':
      return words('shutdown', step.fd, step.how);
    case 'arm':
      return words('arm', step.fd, step.ms);
    case 'pass':
      return words('pass', step.ms);
    case 'watch': {
      const { fd, instance, subscription, events } = step;
      const place = instance === DEFAULT_INSTANCE ? [] : ['in', instance];
      const name = subscription === fd ? [] : ['as', subscription];
      return words('watch', fd, ...place, ...name, ...namesOf(events));
    }
    case 'modify':
      return words('modify', step.subscription, ...namesOf(step.events));
    case 'rearm':
    case 'pause':
    case 'resume':
    case 'unwatch':
      return words(step.do, step.subscription);
    case 'wait':
      return words('wait', step.instance === DEFAULT_INSTANCE ? undefined : step.instance);
    default:
      return words(step.do, step.fd);
  }
}

function namesOf(events: EventSet): readonly string[] {
  return events === EventSet.EMPTY ? ['EMPTY'] : EventSet.toNames(events);
}

function words(...all: (string | number | undefined)[]): string {
  return all.filter((word) => word !== undefined).join(' ');
}

const NAME = /^[a-z][a-z0-9-]{0,15}$/;

/** Words that stand between names. */
const RESERVED = ['all', 'as', 'in', 'while'];

/** The words of a step, taken one after the other. */
class Words {
  readonly #text: string;
  readonly #words: string[];

  constructor(text: string) {
    this.#text = text;
    this.#words = text.split(' ').filter(Boolean);
  }

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  next(what: string): string {
    const word = this.#words.shift();
    return word ?? this.#fail(`needs ${what}`);
  }

  skip(word: string): boolean {
    const isNext = this.#words[0] === word;
    if (isNext) {
      this.#words.shift();
    }
    return isNext;
  }

  name(): string {
    const name = this.next('a name');
    return isName(name) ? name : this.#fail(`cannot use “${name}” as a name`);
  }

  names(): string[] {
    const names = [this.name()];
    while (isName(this.#words[0])) {
      names.push(this.name());
    }
    return names;
  }

  number(what: string, min: number, max: number): number {
    const word = this.next(what);
    const value = Number(word);
    return Number.isInteger(value) && value >= min && value <= max
      ? value
      : this.#fail(`needs ${what} from ${min} to ${max}, not “${word}”`);
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const word = this.next(choices.join(' or '));
    return choices.find((choice) => choice === word) ?? this.#fail(`needs ${choices.join(' or ')}, not “${word}”`);
  }

  /** All words that are left. */
  events(): EventSet {
    if (this.skip('EMPTY')) {
      return EventSet.EMPTY;
    }
    try {
      return EventSet.validate(EventSet.fromNames(this.#words.splice(0) as never[]));
    } catch (error) {
      return this.#fail(`names no set of events: ${(error as Error).message}`);
    }
  }

  end(): void {
    if (!this.isEmpty) {
      this.#fail(`has “${this.#words.join(' ')}” too many`);
    }
  }

  #fail(why: string): never {
    throw new ProgramError(`The step “${this.#text}” ${why}`);
  }
}

function isName(word: string | undefined): boolean {
  return word !== undefined && NAME.test(word) && !RESERVED.includes(word);
}
