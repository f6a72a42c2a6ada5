#!/usr/bin/env node
import {
  createEventManager,
  setNonBlocking,
  socketKind,
  TcpListener,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '@em/sys';
import { type Options, readCommand } from './cli/command.js';
import { StartError } from './cli/start-error.js';
import { Counters } from './counters.js';
import { serveUntilStopped } from './daemon/lifecycle.js';
import { localService } from './daemon/local-service.js';
import { stopSignal } from './daemon/stop-signal.js';
import { hostTimers } from './host-timers.js';
import { openLog } from './observability/log.js';
import { readyLine } from './observability/ready-line.js';
import { EchoServer } from './server.js';
import { endpointsToOpen, inheritedSockets } from './sockets/inherited.js';
import { openAll } from './sockets/open-all.js';
import type { SocketLayer } from './sockets/socket-layer.js';

const socketLayer: SocketLayer = {
  listenTcp: TcpListener.listen,
  bindUdp: UdpSocket.bind,
  listenUnix: UnixListener.listen,
  bindUnixgram: UnixDatagram.bind,
  kindOf: socketKind,
  setNonBlocking,
  adopt: {
    tcp: (fd) => new TcpListener(fd),
    udp: (fd) => new UdpSocket(fd),
    unix: (fd) => new UnixListener(fd),
    unixgram: (fd) => new UnixDatagram(fd),
  },
  knock: (transport, path) => (transport === 'unix' ? UnixStream : UnixDatagram).connect({ path })?.close(),
};

async function serve(options: Options): Promise<void> {
  const stop = stopSignal(process);
  const log = openLog(options);
  const inherited = inheritedSockets(process.env, process.pid);
  const sockets = await openAll(endpointsToOpen(options, inherited), options, socketLayer);
  process.once('exit', () => {
    for (const socket of sockets) {
      socket.close();
    }
  });
  const manager = createEventManager();
  const counters = new Counters();
  const server = new EchoServer({ manager, timers: hostTimers, counters, log, limits: options });
  for (const { serverSocket } of sockets) {
    server.serve(serverSocket);
  }
  const service = localService(manager, server);
  console.log(
    readyLine(
      options.format,
      sockets.map(({ url }) => url),
    ),
  );
  await serveUntilStopped({ service, sockets, counters, log, stop, drainMs: options.drainMs });
}

try {
  const request = readCommand(process.argv.slice(2));
  if (request.kind === 'print') {
    console.log(request.text);
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
