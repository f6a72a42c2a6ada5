import { networkInterfaces } from 'node:os';
import type { UdpBatch, UnixDatagramBatch } from '@em/sys';
import { MemoryBudget, type PartContext, type ServerContext } from './context.js';
import type { Service } from './daemon/service.js';
import { AnswerBudget } from './datagram/answer-budget.js';
import { DatagramEcho } from './datagram/datagram-echo.js';
import {
  type DatagramSocket,
  keyOfName,
  type PeerBatch,
  type Peers,
  UDP_BATCH,
  UNIX_BATCH,
  udpPeers,
  unixPeers,
} from './datagram/peers.js';
import type { ServerSocket, Udp } from './sockets/server-socket.js';
import { StreamEcho } from './stream/stream-echo.js';

/** What the server uses of each datagram socket, for any type of peer. */
type AnyDatagramEcho = Pick<DatagramEcho<unknown, PeerBatch<unknown>>, 'isIdle' | 'finish' | 'close'>;

/** Sends every message back, on any number of sockets, until it is drained or closed. */
export class EchoServer implements Service {
  /** The caller runs in the same event loop, so it is not blocked. */
  readonly health = 'serving';
  readonly #context: PartContext;
  readonly #streams: StreamEcho;
  readonly #datagrams: AnyDatagramEcho[] = [];
  readonly #budget: AnswerBudget;
  /** Those of all workers: every worker serves all ports. */
  readonly #udpPorts = new Set<number>();
  readonly #unixNames = new Set<string>();
  // All sockets of a kind share one: it is empty again after each event.
  #udpBatch: UdpBatch | undefined;
  #unixBatch: UnixDatagramBatch | undefined;
  #onIdle: (() => void) | undefined;

  constructor(context: ServerContext) {
    const { manager, limits, counters, log } = context;
    const memory = new MemoryBudget(limits.totalBufferBytes, counters);
    this.#context = { ...context, memory, onIdle: () => this.#checkIdle() };
    this.#streams = new StreamEcho(this.#context);
    this.#budget = new AnswerBudget(limits.datagramsPerSource, manager, log);
  }

  /** The number of connected clients. */
  get connections(): number {
    return this.#streams.connections;
  }

  /**
   * Starts to serve a socket. The server closes it.
   *
   * @throws The same as `manager.add`. The socket stays open then.
   */
  serve(served: ServerSocket): void {
    switch (served.transport) {
      case 'tcp':
      case 'unix':
        this.#streams.serve(served.socket);
        break;
      case 'udp':
        this.#serveUdp(served.socket);
        break;
      case 'unixgram':
        this.#unixNames.add(keyOfName(served.socket.localAddress ?? ''));
        this.#unixBatch ??= new this.#context.batches.UnixDatagramBatch(UNIX_BATCH);
        this.#answer(served.socket, this.#unixBatch, unixPeers(this.#unixNames));
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
        timer.cancel();
        this.#onIdle = undefined;
        this.close();
        resolve();
      };
      const timer = this.#context.manager.after(deadlineMs, end);
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

  #serveUdp(socket: Udp): void {
    const { address, port } = socket.localAddress;
    const hasPacketInfo = !isOfThisMachine(address);
    if (hasPacketInfo) {
      // The answer must come from the address that the client asked, or the client ignores it.
      socket.setPacketInfo(true);
    }
    this.#udpPorts.add(port);
    this.#udpBatch ??= new this.#context.batches.UdpBatch(UDP_BATCH);
    this.#answer(socket, this.#udpBatch, udpPeers(this.#udpPorts, hasPacketInfo));
  }

  #answer<Peer, Batch extends PeerBatch<Peer>>(
    socket: DatagramSocket<Peer, Batch>,
    batch: Batch,
    peers: Peers<Peer, Batch>,
  ): void {
    this.#datagrams.push(new DatagramEcho(this.#context, socket, batch, peers, this.#budget));
  }

  #checkIdle(): void {
    if (this.#streams.isIdle && this.#datagrams.every(({ isIdle }) => isIdle)) {
      this.#onIdle?.();
    }
  }
}

/**
 * Whether this is the address of one network interface. If so, a socket at this address receives only what was sent to it.
 * At all addresses, or at one of a group or a broadcast address, a socket also receives what was sent to many machines.
 */
function isOfThisMachine(address: string): boolean {
  const interfaces = Object.values(networkInterfaces());
  return interfaces.some((addresses = []) => addresses.some((own) => own.address === address));
}
