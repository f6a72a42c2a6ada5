import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatHostPort, type HostPort } from '../cli/endpoint.js';
import { Counters, type Counts } from '../counters.js';
import { cannotListen } from '../sockets/cannot-listen.js';
import { prometheusText } from './metrics.js';

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** The state of the server, for `/health` and `/metrics`. */
export class Status {
  phase: 'starting' | 'serving' | 'stopping' = 'starting';
  counts: Counts = new Counters();
}

/** A server for metrics and health. */
export interface HttpEndpoint {
  /** Its real address: `http://127.0.0.1:9100`. */
  readonly url: string;
  close(): void;
}

/**
 * Serves `/metrics` and `/health` over HTTP, in the event loop of this thread.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` and advice.
 */
export async function openHttpEndpoint(asked: HostPort, status: Status): Promise<HttpEndpoint> {
  const { createServer } = await import('node:http');
  const server = createServer(answer(status));
  try {
    await once(server.listen(asked.port, asked.host), 'listening');
  } catch (error) {
    throw cannotListen({ transport: 'tcp', ...asked }, error, urlOf(asked));
  }
  const { address, port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: urlOf({ host: address, port }), close };
}

function urlOf(place: HostPort): string {
  return `http://${formatHostPort(place)}`;
}

function answer(status: Status): RequestListener {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      respond(response, 405, PLAIN_TEXT, 'use GET or HEAD\n');
      return;
    }
    switch (pathOf(request)) {
      case '/metrics':
        respond(response, 200, PROMETHEUS_TEXT, prometheusText(status.counts));
        break;
      case '/health':
        respond(response, status.phase === 'serving' ? 200 : 503, PLAIN_TEXT, `${status.phase}\n`);
        break;
      default:
        respond(response, 404, PLAIN_TEXT, 'use /metrics or /health\n');
    }
  };
}

function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return url.split('?', 1)[0];
}

function respond(response: ServerResponse, code: number, type: string, body: string): void {
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
