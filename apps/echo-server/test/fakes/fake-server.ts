import { EventManager } from '@em/core';
import { UdpBatch, UnixDatagramBatch } from '@em/sys';
import { FakePoller, type FakeTcpListener, type FakeTcpStream } from '@em/testing';
import type { Limits } from '../../src/context.js';
import { Counters } from '../../src/counters.js';
import { EchoServer } from '../../src/server.js';
import { numbered } from './bytes.js';
import { FakeLog } from './fake-log.js';
import { pass, settle } from './settle.js';

const batches = { UdpBatch, UnixDatagramBatch };

const NO_LIMITS: Limits = {
  maxConnections: Number.POSITIVE_INFINITY,
  idleMs: Number.POSITIVE_INFINITY,
  bufferBytes: 64 * 1024,
  totalBufferBytes: 1024 * 1024,
  datagramsPerSource: Number.POSITIVE_INFINITY,
};

/** A client of a {@link FakeServer}, and the server's end of its connection. */
export interface FakeClient {
  readonly socket: FakeTcpStream;
  /** The server's end, once it is accepted. */
  readonly stream: FakeTcpStream;
}

/** A complete server without a kernel, and its surroundings. */
export class FakeServer {
  readonly poller: FakePoller = new FakePoller();
  readonly manager: EventManager = new EventManager({ poller: this.poller });
  readonly log: FakeLog = new FakeLog();
  readonly counters: Counters = new Counters();
  readonly listener: FakeTcpListener = this.poller.tcpListener();
  readonly server: EchoServer;
  /** How often the server has called `accept` of {@link FakeServer.listener}. */
  accepts = 0;
  /** While this is set, `accept` throws it. */
  acceptError: Error | undefined;
  /** The server's ends, by the port of the client. */
  readonly #accepted = new Map<number, FakeTcpStream>();

  constructor(limits: Partial<Limits> = {}) {
    const { manager, counters, log } = this;
    const allLimits = { ...NO_LIMITS, ...limits };
    this.server = new EchoServer({ manager, counters, log, limits: allLimits, batches });
    this.#observe(this.listener);
    this.server.serve({ transport: 'tcp', socket: this.listener });
  }

  /** Makes a client connect. It waits to be accepted. */
  arrive(listener: FakeTcpListener = this.listener): FakeClient {
    const { address, port } = listener.address;
    const socket = this.poller.connectTcp({ host: address, port });
    const accepted = this.#accepted;
    const { port: ownPort } = socket.localAddress;
    return {
      socket,
      get stream() {
        const stream = accepted.get(ownPort);
        if (stream === undefined) {
          throw new Error('The server has not accepted this client');
        }
        return stream;
      },
    };
  }

  /** Makes a client connect, and accepts it. */
  connect(): FakeClient {
    const client = this.arrive();
    this.settle();
    return client;
  }

  /** Whether a client gets back what it sends. */
  serves({ socket }: FakeClient): boolean {
    const bytes = new Uint8Array(1);
    socket.write(Uint8Array.of(42));
    this.settle();
    return socket.read(bytes) === 1 && bytes[0] === 42;
  }

  /** Sends from a client that does not read, until the server takes no more. Returns the bytes that it took. */
  stall({ socket }: FakeClient): Uint8Array {
    const bytes = numbered(4 * 1024 * 1024);
    let taken = 0;
    for (let count = 1; count > 0; this.settle()) {
      count = socket.write(bytes, taken) ?? 0;
      taken += count;
    }
    return bytes.subarray(0, taken);
  }

  /** Drives the manager until nothing is ready. Returns the number of callbacks. */
  settle(): number {
    return settle(this.manager);
  }

  #observe(listener: FakeTcpListener): void {
    const accept = listener.accept.bind(listener);
    listener.accept = () => {
      this.accepts++;
      if (this.acceptError !== undefined) {
        throw this.acceptError;
      }
      const stream = accept();
      if (stream !== undefined) {
        this.#accepted.set(stream.remoteAddress.port, stream);
      }
      return stream;
    };
  }

  /** Lets time pass. */
  pass(timeMs: number): void {
    pass(this.manager, this.poller, timeMs);
  }
}
