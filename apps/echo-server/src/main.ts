import type { Worker } from 'node:worker_threads';
import {
  EventManager,
  setNonBlocking,
  socketKind,
  TcpListener,
  UdpBatch,
  UdpSocket,
  UnixDatagram,
  UnixDatagramBatch,
  UnixListener,
  UnixStream,
} from '@em/sys';
import { fs } from './builtins.js';
import { type Options, readCommand } from './cli/command.js';
import type { HostPort } from './cli/endpoint.js';
import { StartError } from './cli/start-error.js';
import { Counters, type Counts } from './counters.js';
import { removeFiles, serveUntilStopped, stopSignal } from './daemon/lifecycle.js';
import { localService, type Service } from './daemon/service.js';
import { ServiceManager, startWatchdog } from './daemon/service-manager.js';
import { hostTimers as timers } from './host-timers.js';
import { HttpEndpoint, Status } from './observability/http-endpoint.js';
import { withKernelDrops } from './observability/kernel-drops.js';
import { openLog } from './observability/log.js';
import { reportStatistics } from './observability/metrics.js';
import type { BatchFactory, Log } from './ports.js';
import { EchoServer } from './server.js';
import { endpointsToOpen, inheritedSockets } from './sockets/inherited.js';
import { addressOf, type OpenSocket, openAll } from './sockets/open-all.js';
import type { SocketLayer } from './sockets/socket-layer.js';
import type { WorkerData } from './workers/messages.js';
import { limitsOf, socketsOf } from './workers/share-out.js';
import { WorkerPool } from './workers/worker-pool.js';

const STDOUT = 1;

const socketLayer: SocketLayer = {
  listenTcp: TcpListener.listen,
  bindUdp: UdpSocket.bind,
  listenUnix: UnixListener.listen,
  bindUnixgram: UnixDatagram.bind,
  kindOf: socketKind,
  adopt: {
    tcp: TcpListener.adopt,
    udp: UdpSocket.adopt,
    unix: UnixListener.adopt,
    unixgram: UnixDatagram.adopt,
  },
  probe: (transport, path) => (transport === 'unix' ? UnixStream : UnixDatagram).connect({ path })?.close(),
};

const batches: BatchFactory = {
  udp: (options) => new UdpBatch(options),
  unixgram: (options) => new UnixDatagramBatch(options),
};

/** A service and its counts. */
interface Serving {
  readonly service: Service;
  readonly counts: Counts;
}

function serveHere(places: readonly OpenSocket[], limits: Options, log: Log): Serving {
  const manager = new EventManager();
  const counts = new Counters();
  const server = new EchoServer({ manager, timers, counters: counts, log, limits, batches });
  for (const socket of places.flatMap(({ sockets }) => sockets)) {
    server.serve(socket);
  }
  return { service: localService(manager, server), counts };
}

async function serveInWorkers(places: readonly OpenSocket[], options: Options, log: Log): Promise<Serving> {
  const { workers, logLevel, format } = options;
  const { Worker } = await import('node:worker_threads');
  const spawn = (index: number, counts: SharedArrayBuffer): Worker => {
    const workerData: WorkerData = {
      sockets: socketsOf(places, workers, index),
      limits: limitsOf(options, workers, index),
      log: { logLevel, format },
      counts,
    };
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  };
  const closeSockets = (): void => {
    for (const place of places) {
      place.close();
    }
  };
  const pool = await WorkerPool.start(workers, { timers, log, spawn }, closeSockets);
  return { service: pool, counts: pool };
}

/**
 * What the server writes to stdout, for people or for programs, as soon as clients can connect.
 *
 * @param metricsUrl - Only for programs. People find it in the log.
 */
function readyLine(format: Options['format'], urls: readonly string[], metricsUrl?: string): string {
  return format === 'json'
    ? JSON.stringify({ ready: true, pid: process.pid, listening: urls, metrics: metricsUrl })
    : `listening on ${urls.join(' ')}`;
}

/** Writes to stdout, without the streams that the console would load. */
function writeOut(text: string): void {
  try {
    fs.writeSync(STDOUT, `${text}\n`);
  } catch {
    // The reader has gone. The server keeps running.
  }
}

function openHttpEndpoint(place: HostPort, status: Status, log: Log): Promise<HttpEndpoint> {
  const listen = async ({ host, port }: HostPort): Promise<TcpListener> =>
    TcpListener.listen({ host: await addressOf(host), port });
  return HttpEndpoint.open(place, status, { manager: new EventManager(), timers, log, listen });
}

async function serve(options: Options): Promise<void> {
  const stop = stopSignal(process);
  const log = openLog(options, setNonBlocking);
  const status = new Status();
  const { env, pid } = process;
  const places = await openAll(endpointsToOpen(options, inheritedSockets(env, pid)), options, socketLayer);
  process.once('exit', () => removeFiles(places, log));
  const endpoint = options.metrics && (await openHttpEndpoint(options.metrics, status, log));
  if (endpoint !== undefined) {
    log.info('serving metrics and health', { url: endpoint.url });
  }
  try {
    const { service, counts } = await (options.workers === 1 ? serveHere : serveInWorkers)(places, options, log);
    const allCounts = withKernelDrops(counts, places);
    const serviceManager = new ServiceManager({
      env,
      pid,
      log,
      timers,
      connect: (path) => UnixDatagram.connect({ path }),
    });
    const urls = places.map(({ url }) => url);
    await serveUntilStopped({
      service,
      counts: allCounts,
      places,
      status,
      serviceManager,
      log,
      stop,
      drainMs: options.drainMs,
      announce: () => writeOut(readyLine(options.format, urls, endpoint?.url)),
      backgroundTasks: [
        () => reportStatistics(allCounts, log, process, timers, options.statsMs),
        () => startWatchdog(serviceManager, service, timers, log),
      ],
    });
  } finally {
    endpoint?.close();
  }
}

try {
  const request = readCommand(process.argv.slice(2));
  if (request.kind === 'print') {
    writeOut(request.text);
  } else {
    await serve(request.options);
  }
} catch (error) {
  if (!(error instanceof StartError)) {
    throw error;
  }
  console.error(`em-echo-server: ${error.message}`);
  process.exitCode = error.exitCode;
}
