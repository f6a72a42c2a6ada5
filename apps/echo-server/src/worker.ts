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
import { localService } from './daemon/service.js';
import { hostTimers } from './host-timers.js';
import { openLog } from './observability/log.js';
import type { ServerSocket } from './ports.js';
import { EchoServer } from './server.js';
import type { HandedSocket, WorkerData } from './workers/messages.js';
import { serveParent } from './workers/worker-side.js';

function duplicate({ transport, fd }: HandedSocket): ServerSocket {
  switch (transport) {
    case 'tcp':
      return { transport, socket: TcpListener.adopt(dup(fd)) };
    case 'udp':
      return { transport, socket: UdpSocket.adopt(dup(fd)) };
    case 'unix':
      return { transport, socket: UnixListener.adopt(dup(fd)) };
    case 'unixgram':
      return { transport, socket: UnixDatagram.adopt(dup(fd)) };
  }
}

if (parentPort === null) {
  throw new Error('worker.js is a part of em-echo-server. Run em-echo-server instead.');
}
const { sockets, limits, log, counts }: WorkerData = workerData;
const manager = new EventManager();
const server = new EchoServer({
  manager,
  timers: hostTimers,
  counters: new Counters(counts),
  log: openLog(log, setNonBlocking),
  limits,
  batches: {
    udp: (options) => new UdpBatch(options),
    unixgram: (options) => new UnixDatagramBatch(options),
  },
});
for (const handed of sockets) {
  server.serve(duplicate(handed), handed.isShared);
}
await serveParent(parentPort, localService(manager, server));
