import type { Tally } from './tally.ts';

/** How a client ends its connection. */
type Ending =
  /** When everything has come back, it ends its half, and waits for the end. */
  | 'patient'
  /** It ends its half as soon as it has sent everything, and reads the rest. */
  | 'half-close'
  /** It resets the connection halfway through. */
  | 'reset'
  /** It resets the connection at once, possibly before the server accepts it. */
  | 'abort'
  /** It reads nothing, and stays connected. */
  | 'mute';

/** What a client sends, and how. */
export interface Conversation {
  readonly ending: Ending;
  /** The number of messages, after the first byte, with which a client waits until it is accepted. */
  readonly messages: number;
  readonly leastBytes: number;
  readonly mostBytes: number;
  /** It sends the next message when at most this number of bytes is under way. 0 for one message at a time. */
  readonly aheadBytes: number;
  /** The time that it does not read, after it has sent everything or would block. */
  readonly stallMs: number;
  /** Whether the buffers to the server are small, as over a network, so that writes of the server block soon. */
  readonly isNarrow: boolean;
  /** Whether it stays connected until it is released. */
  readonly isHeld: boolean;
}

/** Clients with the same conversation. */
export interface Group {
  readonly count: number;
  readonly conversation: Conversation;
}

/** The plan for the clients of one process. */
export interface StreamPlan {
  readonly transport: 'tcp';
  readonly port: number;
  /** The local addresses that clients connect from, in turns. Each address has its own ports. */
  readonly sources: readonly string[];
  readonly seed: number;
  /** The number of the first client. The seed of a client depends on its number. */
  readonly firstClient: number;
  readonly groups: readonly Group[];
  /** Whether clients send messages only when all are connected. Otherwise a client that ends is replaced by the next. */
  readonly together: boolean;
  /** The number of clients that connect at once, or, without `together`, that are connected at once. */
  readonly atOnce: number;
}

/** The plan for the senders of datagrams of one process. */
export interface DatagramPlan {
  readonly transport: 'udp';
  readonly port: number;
  readonly seed: number;
  readonly firstClient: number;
  readonly clients: number;
  /** The sizes of all datagrams. The clients get them in turns. */
  readonly sizes: readonly number[];
  /** The most that may be under way, with the overhead of the kernel, so that it fits into the queue of the server. */
  readonly underwayBytes: number;
}

/** The plan for the sources of one process that flood a UDP socket. */
export interface FloodPlan {
  readonly transport: 'flood';
  readonly port: number;
  readonly sources: number;
  /** The sizes of their datagrams, in turns. */
  readonly sizes: readonly number[];
}

/** The plan for the sources of one process that count their answers. */
export interface CountedPlan {
  readonly transport: 'counted';
  /** A UDP port, or the abstract name of a unix datagram socket, which begins with NUL. */
  readonly to: number | string;
  readonly seed: number;
  readonly firstClient: number;
  readonly clients: number;
  /** The number of datagrams per source. It sends more only if the answer to the last one does not arrive. */
  readonly datagrams: number;
}

export type Plan = StreamPlan | DatagramPlan | FloodPlan | CountedPlan;

/** A message to a process of clients. */
export type ToClients =
  | { readonly kind: 'start'; readonly plan: Plan }
  /** All clients are connected: send your messages. */
  | { readonly kind: 'go' }
  /** The server is about to be stopped, and may end connections. */
  | { readonly kind: 'stopping' }
  /** End the clients that are held. */
  | { readonly kind: 'release' };

/** A report of a process of clients: its progress from time to time, or a milestone that all clients have reached. */
export interface FromClients {
  readonly kind: 'progress' | 'ready' | 'finished' | 'done';
  readonly tally: Tally;
}
