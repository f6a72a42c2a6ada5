import { AnswerBudget } from './datagram/answer-budget.js';
import { DatagramEcho } from './datagram/datagram-echo.js';
import { keyOfName, type Peers, udpPeers, unixPeers } from './datagram/peers.js';
import { MemoryBudget } from './memory-budget.js';
import type { PartContext, ServerContext } from './part-context.js';
import type { DatagramSocket, ServerSocket } from './ports.js';
import { StreamEcho } from './stream/stream-echo.js';

/** What the server asks of each socket for messages, whatever its clients are like. */
type AnyDatagramEcho = Pick<DatagramEcho<unknown>, 'isIdle' | 'finish' | 'close'>;

/** Sends back what it is sent, on any number of sockets, until it is drained or closed. */
export class EchoServer {
  readonly #context: PartContext;
  readonly #streams: StreamEcho;
  readonly #datagrams: AnyDatagramEcho[] = [];
  readonly #budget: AnswerBudget;
  /** Every worker serves at all of them, so that each knows those of the others. */
  readonly #udpPorts = new Set<number>();
  readonly #unixNames = new Set<string>();
  #onIdle: (() => void) | undefined;

  constructor(context: ServerContext) {
    const { limits, counters } = context;
    const memory = new MemoryBudget(limits.totalBufferBytes, counters);
    this.#context = { ...context, memory, onIdle: () => this.#checkIdle() };
    this.#streams = new StreamEcho(this.#context);
    this.#budget = new AnswerBudget(limits.datagramsPerSource, context.timers, context.log);
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#streams.connections;
  }

  /**
   * Starts to serve on a socket, which is closed with the server.
   *
   * @param isShared - Whether other threads serve on the same socket: the kernel then wakes one of them.
   * @throws What `manager.add` throws; the socket is then still open.
   */
  serve(served: ServerSocket, isShared: boolean = false): void {
    switch (served.transport) {
      case 'tcp':
      case 'unix':
        this.#streams.serve(served.socket, isShared);
        break;
      case 'udp':
        this.#udpPorts.add(served.socket.localAddress.port);
        this.#answer(served.socket, udpPeers(this.#udpPorts), isShared);
        break;
      case 'unixgram':
        this.#unixNames.add(keyOfName(served.socket.localAddress ?? ''));
        this.#answer(served.socket, unixPeers(this.#unixNames), isShared);
        break;
    }
  }

  /**
   * Takes on nothing more, lets every client have what it is owed, and closes everything.
   *
   * @param deadlineMs - When the rest is closed, whatever is unsent. Who has not got everything, or had more to say,
   * counts as cut off.
   */
  drain(deadlineMs: number): Promise<void> {
    this.#streams.finish(deadlineMs);
    for (const datagrams of this.#datagrams) {
      datagrams.finish();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.#onIdle = undefined;
        this.close();
        resolve();
      };
      const callOff = this.#context.timers.after(deadlineMs, end);
      this.#onIdle = end;
      this.#checkIdle();
    });
  }

  /** Closes every socket, whoever is served. A second call does nothing. */
  close(): void {
    for (const datagrams of this.#datagrams) {
      datagrams.close();
    }
    this.#streams.close();
    this.#budget.close();
  }

  #answer<Peer>(socket: DatagramSocket<Peer>, peers: Peers<Peer>, isShared: boolean): void {
    this.#datagrams.push(new DatagramEcho(this.#context, socket, peers, this.#budget, isShared));
  }

  #checkIdle(): void {
    if (this.#streams.isIdle && this.#datagrams.every(({ isIdle }) => isIdle)) {
      this.#onIdle?.();
    }
  }
}
