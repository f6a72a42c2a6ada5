import type { EventSet } from '@em/core';
import type { ShutdownHow } from '@em/testing';

/** What a program can open. A pipe and a socketpair are two files each. */
export type Kind = 'eventfd' | 'pipe' | 'socketpair';

/** How much is written or read; what that is in bytes depends on the kind of file, see traffic.ts. */
export type Amount = 'nothing' | 'little' | 'some' | 'much';

/**
 * A step with what is behind an fd. `file` counts from the file of the callback that the step is in, so that 0 is the
 * callback's own; outside of callbacks from the first. Beyond the last it goes round: every number means something once
 * there is anything, which keeps a program whole when steps are taken out of it.
 */
export type FileStep =
  | { readonly do: 'dup' | 'close'; readonly file: number }
  | { readonly do: 'write' | 'read'; readonly file: number; readonly amount: Amount }
  | { readonly do: 'shutdown'; readonly file: number; readonly how: ShutdownHow };

/** A step with the number alone: the file may be closed, the number may be another's by now. `fd` counts like `file`. */
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
  | { readonly do: 'wait' | 'wake' | 'throw' | 'close manager' };

export type Step = FileStep | FdStep | RegistrationStep | OtherStep;

/** A manager and what is done with it. */
export interface Program {
  readonly capacity: number;
  /** Whether the manager has an error handler. */
  readonly handlesErrors: boolean;
  readonly steps: readonly Step[];
}
