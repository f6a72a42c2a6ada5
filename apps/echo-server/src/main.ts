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
import type { Log } from './context.js';
import { Counters, type Counts } from './counters.js';
import { removeFiles, serveUntilStopped, stopSignal } from './daemon/lifecycle.js';
import { failureOf, type Service, Status } from './daemon/service.js';
import { ServiceManager } from './daemon/service-manager.js';
import { StartError } from './errors.js';
import { HttpEndpoint } from './observability/http-endpoint.js';
import { openLog } from './observability/log.js';
import { reportStatistics, withKernelDrops } from './observability/metrics.js';
import { EchoServer } from './server.js';
import { endpointsToOpen, inheritedSockets } from './sockets/inherited.js';
import { type OpenSocket, openAll } from './sockets/open-all.js';
import { limitsOf, socketsOf, type WorkerData } from './workers/worker-data.js';
import { WorkerPool } from './workers/worker-pool.js';

const STDOUT = 1;

const classes = { TcpListener, UdpSocket, UnixListener, UnixDatagram, UnixStream, socketKind };
const batches = { UdpBatch, UnixDatagramBatch };

/** What serves, and its counts. */
interface Serving {
  readonly service: Service;
  readonly counts: Counts;
}

function serveHere(manager: EventManager, places: readonly OpenSocket[], limits: Options, log: Log): Serving {
  const counters = new Counters();
  const service = new EchoServer({ manager, counters, log, limits, batches });
  for (const socket of places.flatMap(({ sockets }) => sockets)) {
    service.serve(socket);
  }
  return { service, counts: counters };
}

async function serveInWorkers(
  manager: EventManager,
  places: readonly OpenSocket[],
  options: Options,
  log: Log,
): Promise<Serving> {
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
  const pool = await WorkerPool.start(workers, { manager, log, spawn }, closeSockets);
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

async function serve(options: Options): Promise<void> {
  const stop = stopSignal(process);
  const log = openLog(options, setNonBlocking);
  const status = new Status();
  const { env, pid } = process;
  const places = await openAll(endpointsToOpen(options, inheritedSockets(env, pid)), options, classes);
  process.once('exit', () => removeFiles(places, log));
  const manager = new EventManager();
  const failure = failureOf(manager);
  let endpoint: HttpEndpoint | undefined;
  try {
    if (options.metrics !== undefined) {
      endpoint = await HttpEndpoint.open(options.metrics, status, { manager, listen: TcpListener.listen });
      log.info('serving metrics and health', { url: endpoint.url });
    }
    const serving = await (options.workers === 1 ? serveHere : serveInWorkers)(manager, places, options, log);
    const { service } = serving;
    const counts = withKernelDrops(serving.counts, places);
    const serviceManager = new ServiceManager({ env, pid, log, manager, connect: UnixDatagram.connect });
    reportStatistics(counts, log, process, manager, options.statsMs);
    serviceManager.watch(service);
    const urls = places.map(({ url }) => url);
    const announce = (): void => writeOut(readyLine(options.format, urls, endpoint?.url));
    const { drainMs } = options;
    await serveUntilStopped({ service, failure, counts, places, status, serviceManager, log, stop, drainMs, announce });
  } finally {
    endpoint?.close();
    manager.close();
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
