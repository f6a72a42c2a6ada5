import type { Tally } from './tally.ts';

/** How a client ends its connection. */
type Ending =
  /** When everything has come back it ends its half, and waits for the end. */
  | 'patient'
  /** It ends its half as soon as everything is said, and reads the rest. */
  | 'half-close'
  /** It resets the connection halfway through. */
  | 'reset'
  /** It resets the connection before it has been accepted, if it is quick enough. */
  | 'abort'
  /** It reads nothing, and stays. */
  | 'mute';

/** What a client says, and how. */
export interface Conversation {
  readonly ending: Ending;
  /** How many messages, besides a first byte that each client sends to be greeted. */
  readonly messages: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** As long as no more than so many bytes are under way, it sends another message. 0 for one message at a time. */
  readonly aheadBytes: number;
  /** How long it does not read, from when it has said everything, or can send no more. */
  readonly stallMs: number;
  /** Whether little fits between it and the server, as over a network, so that the server cannot write soon. */
  readonly isNarrow: boolean;
  /** Whether it stays connected until it is told to end. */
  readonly isHeld: boolean;
}

/** So many clients who do the same. */
export interface Group {
  readonly count: number;
  readonly conversation: Conversation;
}

/** What the clients of one process do. */
export interface StreamPlan {
  readonly transport: 'tcp';
  readonly port: number;
  /** The local addresses that clients connect from, in turns: each has ports of its own. */
  readonly sources: readonly string[];
  readonly seed: number;
  /** What the first client is called: its seed depends on it. */
  readonly firstClient: number;
  readonly groups: readonly Group[];
  /** Whether all are connected before anybody goes on. If not, each goes on at once, and the next one comes when it ends. */
  readonly together: boolean;
  /** How many are connecting at once; of those who go on at once: how many are connected. */
  readonly atOnce: number;
}

/** What the senders of datagrams of one process do. */
export interface DatagramPlan {
  readonly transport: 'udp';
  readonly port: number;
  readonly seed: number;
  readonly firstClient: number;
  readonly clients: number;
  /** The sizes of all datagrams, dealt out to the clients in turns. */
  readonly sizes: readonly number[];
  /** How much may be under way, with what the kernel needs besides: more might not fit into the server's queue. */
  readonly underwayBytes: number;
}

export type Plan = StreamPlan | DatagramPlan;

/** What a process of clients is told. */
export type ToClients =
  | { readonly kind: 'start'; readonly plan: Plan }
  /** All are connected: say what you have to say. */
  | { readonly kind: 'go' }
  /** The server is about to be stopped: it may end connections now. */
  | { readonly kind: 'stopping' }
  /** Who is held, ends. */
  | { readonly kind: 'release' };

/** What a process of clients tells: how far all of them are, now and then, or when all have come so far. */
export interface FromClients {
  readonly kind: 'progress' | 'ready' | 'finished' | 'done';
  readonly tally: Tally;
}
