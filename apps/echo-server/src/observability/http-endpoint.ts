import type { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type EventManager, EventSet, type Registration, type Timer } from '@em/core';
import type { TcpListener, TcpStream } from '@em/sys';
import { fs } from '../builtins.js';
import { formatHostPort, type HostPort } from '../cli/endpoint.js';
import type { Status } from '../daemon/service.js';
import { codeOf } from '../errors.js';
import { cannotListen } from '../sockets/cannot-listen.js';
import { addressOf } from '../sockets/open-all.js';
import { prometheusText } from './metrics.js';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** The parts of Node that are loaded only for an endpoint. */
interface Node {
  readonly createServer: typeof createServer;
  readonly Socket: typeof Socket;
}

/** What an {@link HttpEndpoint} works with. */
export interface HttpContext {
  readonly manager: EventManager;
  /** `TcpListener.listen` of `@em/sys`. */
  readonly listen: (place: HostPort) => TcpListener;
}

const SPARE = '/dev/null';
const OUT_OF_FILES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);
/** The time until a silent client is disconnected. */
const SILENT_MS = 30_000;
/** The same for the client that uses the spare file. */
const SPARE_MS = 1000;
/** The time until the next attempt to accept after an error. */
const RETRY_MS = 1000;

/**
 * Serves `/metrics` and `/health` over HTTP, in the event loop of this thread.
 *
 * It keeps a spare file. When the process can open no more files, it closes the spare file for the time of one request. So
 * it still answers when a monitor needs it most.
 */
export class HttpEndpoint {
  /** Its real address: `http://127.0.0.1:9100`. */
  readonly url: string;
  readonly #status: Status;
  readonly #context: HttpContext;
  readonly #listener: TcpListener;
  readonly #registration: Registration;
  readonly #node: Node;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #spare: number | undefined = fs.openSync(SPARE, 'r');
  #retry: Timer | undefined;

  private constructor(node: Node, listener: TcpListener, status: Status, context: HttpContext) {
    this.#node = node;
    this.#server = node.createServer((request, response) => this.#answer(request, response));
    this.#status = status;
    this.#context = context;
    this.#listener = listener;
    const { address, port } = listener.address;
    this.url = urlOf({ host: address, port });
    const onReady = (): void => this.#acceptOne();
    this.#registration = context.manager.add(listener, EventSet.IN, onReady, { label: 'http', own: true });
  }

  /** @throws (as a rejection) StartError with `ExitCode.CANNOT_LISTEN` and advice. */
  static async open(place: HostPort, status: Status, context: HttpContext): Promise<HttpEndpoint> {
    let listener: TcpListener | undefined;
    try {
      const [{ createServer }, { Socket }] = await Promise.all([import('node:http'), import('node:net')]);
      listener = context.listen({ host: await addressOf(place.host), port: place.port });
      return new HttpEndpoint({ createServer, Socket }, listener, status, context);
    } catch (error) {
      listener?.close();
      throw cannotListen({ transport: 'tcp', ...place }, error, urlOf(place));
    }
  }

  /** Ends its connections. */
  close(): void {
    this.#retry?.cancel();
    this.#registration.delete();
    for (const client of this.#clients) {
      client.destroy();
    }
    this.#closeSpare();
  }

  #acceptOne(): void {
    try {
      this.#serve(this.#listener.accept());
    } catch (error) {
      if (this.#spare === undefined || !OUT_OF_FILES.has(codeOf(error))) {
        this.#pause();
      } else {
        this.#closeSpare();
        this.#acceptOne();
      }
    }
  }

  #serve(accepted: TcpStream | undefined): void {
    if (accepted === undefined) {
      return;
    }
    const client = new this.#node.Socket({ fd: accepted.detach() });
    this.#clients.add(client);
    client.setTimeout(this.#spare === undefined ? SPARE_MS : SILENT_MS, () => client.destroy());
    client.on('close', () => this.#onClosed(client));
    this.#server.emit('connection', client);
  }

  #pause(): void {
    this.#registration.pause();
    this.#retry = this.#context.manager.after(RETRY_MS, () => this.#resume());
  }

  #resume(): void {
    try {
      this.#registration.resume();
    } catch {
      this.#pause();
    }
  }

  #closeSpare(): void {
    if (this.#spare !== undefined) {
      fs.closeSync(this.#spare);
      this.#spare = undefined;
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#spare === undefined) {
      response.setHeader('Connection', 'close');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      respond(response, 405, PLAIN_TEXT, 'use GET or HEAD\n');
      return;
    }
    const { phase, service, counts } = this.#status;
    switch (pathOf(request)) {
      case '/metrics':
        respond(response, 200, PROMETHEUS_TEXT, prometheusText(counts));
        break;
      case '/health': {
        const state = phase === 'serving' ? service.health : phase;
        respond(response, state === 'serving' ? 200 : 503, PLAIN_TEXT, `${state}\n`);
        break;
      }
      default:
        respond(response, 404, PLAIN_TEXT, 'use /metrics or /health\n');
    }
  }

  #onClosed(client: Socket): void {
    this.#clients.delete(client);
    if (this.#registration.active) {
      try {
        this.#spare ??= fs.openSync(SPARE, 'r');
      } catch {
        // Another part of the process was faster. The next connection that ends gives it back.
      }
    }
  }
}

function urlOf(place: HostPort): string {
  return `http://${formatHostPort(place)}`;
}

function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return url.split('?', 1)[0];
}

function respond(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
