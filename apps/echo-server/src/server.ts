import { AnswerBudget } from './datagram/answer-budget.js';
import { DatagramEcho } from './datagram/datagram-echo.js';
import { keyOfName, type Peers, UDP_BATCH, UNIX_BATCH, udpPeers, unixPeers } from './datagram/peers.js';
import type { PartContext, ServerContext } from './part-context.js';
import { MemoryBudget } from './part-context.js';
import type { DatagramBatch, DatagramSocket, ServerSocket, UdpBatch, UnixName } from './ports.js';
import { StreamEcho } from './stream/stream-echo.js';

/** What the server uses of each datagram socket, for any type of peer. */
type AnyDatagramEcho = Pick<DatagramEcho<unknown, DatagramBatch<unknown>>, 'isIdle' | 'finish' | 'close'>;

/** Sends every message back, on any number of sockets, until it is drained or closed. */
export class EchoServer {
  readonly #context: PartContext;
  readonly #streams: StreamEcho;
  readonly #datagrams: AnyDatagramEcho[] = [];
  readonly #budget: AnswerBudget;
  /** Those of all workers: every worker serves all ports. */
  readonly #udpPorts = new Set<number>();
  readonly #unixNames = new Set<string>();
  // All sockets of a kind share one: it is empty again after each event.
  #udpBatch: UdpBatch | undefined;
  #unixBatch: DatagramBatch<UnixName> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(context: ServerContext) {
    const { limits, counters } = context;
    const memory = new MemoryBudget(limits.totalBufferBytes, counters);
    this.#context = { ...context, memory, onIdle: () => this.#checkIdle() };
    this.#streams = new StreamEcho(this.#context);
    this.#budget = new AnswerBudget(limits.datagramsPerSource, context.timers, context.log);
  }

  /** The number of connected clients. */
  get connections(): number {
    return this.#streams.connections;
  }

  /**
   * Starts to serve a socket. The server closes it.
   *
   * @param isShared - Whether other threads serve the same socket, so that the kernel should wake only one of them.
   * @throws The same as `manager.add`. The socket stays open then.
   */
  serve(served: ServerSocket, isShared: boolean = false): void {
    switch (served.transport) {
      case 'tcp':
      case 'unix':
        this.#streams.serve(served.socket, isShared);
        break;
      case 'udp':
        this.#udpPorts.add(served.socket.localAddress.port);
        this.#udpBatch ??= this.#context.batches.udp(UDP_BATCH);
        this.#answer(served.socket, this.#udpBatch, udpPeers(this.#udpPorts), isShared);
        break;
      case 'unixgram':
        this.#unixNames.add(keyOfName(served.socket.localAddress ?? ''));
        this.#unixBatch ??= this.#context.batches.unixgram(UNIX_BATCH);
        this.#answer(served.socket, this.#unixBatch, unixPeers(this.#unixNames), isShared);
        break;
    }
  }

  /**
   * Accepts no more clients, sends each client what is left for it, and closes everything.
   *
   * @param deadlineMs - When the remaining connections are closed. A client counts as cut off if something was unsent, or
   * if it sent more.
   */
  drain(deadlineMs: number): Promise<void> {
    this.#streams.finish(deadlineMs);
    for (const datagrams of this.#datagrams) {
      datagrams.finish();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#onIdle = undefined;
        this.close();
        resolve();
      };
      const cancel = this.#context.timers.after(deadlineMs, end);
      this.#onIdle = end;
      this.#checkIdle();
    });
  }

  /** Closes every socket at once. A second call does nothing. */
  close(): void {
    for (const datagrams of this.#datagrams) {
      datagrams.close();
    }
    this.#streams.close();
    this.#budget.close();
  }

  #answer<Peer, Batch extends DatagramBatch<Peer>>(
    socket: DatagramSocket<Peer, Batch>,
    batch: Batch,
    peers: Peers<Peer, Batch>,
    isShared: boolean,
  ): void {
    this.#datagrams.push(new DatagramEcho(this.#context, socket, batch, peers, this.#budget, isShared));
  }

  #checkIdle(): void {
    if (this.#streams.isIdle && this.#datagrams.every(({ isIdle }) => isIdle)) {
      this.#onIdle?.();
    }
  }
}
