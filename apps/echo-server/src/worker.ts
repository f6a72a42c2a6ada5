import { parentPort, workerData } from 'node:worker_threads';
import {
  dup,
  EventManager,
  setNonBlocking,
  TcpListener,
  UdpBatch,
  UdpSocket,
  UnixDatagram,
  UnixDatagramBatch,
  UnixListener,
} from '@em/sys';
import { Counters } from './counters.js';
import { failureOf } from './daemon/service.js';
import { openLog } from './observability/log.js';
import { EchoServer } from './server.js';
import { adopt } from './sockets/server-socket.js';
import type { WorkerData } from './workers/worker-data.js';
import { serveParent } from './workers/worker-side.js';

const classes = { TcpListener, UdpSocket, UnixListener, UnixDatagram };
const batches = { UdpBatch, UnixDatagramBatch };

if (parentPort === null) {
  throw new Error('worker.js is a part of em-echo-server. Run em-echo-server instead.');
}
const { sockets, limits, log: logOptions, counts }: WorkerData = workerData;
const manager = new EventManager();
const log = openLog(logOptions, setNonBlocking);
const server = new EchoServer({ manager, counters: new Counters(counts), log, limits, batches });
for (const { transport, fd } of sockets) {
  server.serve(adopt(transport, dup(fd), classes));
}
await serveParent(parentPort, server, failureOf(manager));
manager.close();
