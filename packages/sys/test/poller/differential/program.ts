import type { EventSet } from '@em/core';
import type { ShutdownHow } from '@em/testing';

/**
 * The kinds of files that a program can open. A pipe, a socketpair, and two datagram sockets that are a pair are two files
 * each; so are a bound datagram socket and the one that is connected to it. A write to a listener connects a client, and a
 * read accepts one: each is a file like those of a socketpair. See {@link World} for the others.
 *
 * The poll of a trigger consumes the event that it reports; a write of any amount fires it. A program has at most one, and
 * duplicates of it.
 */
export type Kind =
  | 'eventfd'
  | 'pipe'
  | 'socketpair'
  | 'trigger'
  | 'datagram pair'
  | 'bound datagrams'
  | 'listener'
  | 'TCP listener'
  | 'TCP stream'
  | 'inotify'
  | 'timer'
  | 'process';

/** How much is written or read. The number of bytes depends on the kind of file: see traffic.ts. */
export type Amount = 'nothing' | 'little' | 'some' | 'much';

/**
 * A step with a file. In a callback, `file` counts from the file of the callback, which is 0. Outside of callbacks, it
 * counts from the first file. After the last file it starts again. So every number means a file if there is one, and a
 * program stays valid when steps are removed from it.
 */
export type FileStep =
  | { readonly do: 'dup' | 'close'; readonly file: number }
  | { readonly do: 'write' | 'read'; readonly file: number; readonly amount: Amount }
  | { readonly do: 'shutdown'; readonly file: number; readonly how: ShutdownHow };

/** A step with an fd: its file may be closed, and the number may be another file now. `fd` counts like `file`. */
export type FdStep =
  | { readonly do: 'add fd'; readonly fd: number; readonly events: EventSet; readonly callback: readonly Step[] }
  | { readonly do: 'modify fd'; readonly fd: number; readonly events: EventSet }
  | { readonly do: 'delete fd'; readonly fd: number };

/** A step with a registration, counted in the same way. */
export type RegistrationStep =
  | { readonly do: 'modify' | 'enable' | 'disable'; readonly registration: number; readonly events: EventSet }
  | { readonly do: 'delete' | 'pause' | 'resume' | 'rearm'; readonly registration: number };

export type OtherStep =
  | { readonly do: 'open'; readonly kind: Kind }
  | { readonly do: 'dispatch'; readonly take: number }
  | { readonly do: 'pass'; readonly ticks: number }
  | { readonly do: 'wait' | 'wake' | 'throw' | 'close manager' };

export type Step = FileStep | FdStep | RegistrationStep | OtherStep;

/** A manager and what is done with it. */
export interface Program {
  readonly capacity: number;
  /** Whether the manager has an error handler. */
  readonly handlesErrors: boolean;
  readonly steps: readonly Step[];
}
