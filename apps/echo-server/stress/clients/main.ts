// A process of clients. It carries out the plan of its parent process, and reports its progress.

import { AnySocket, EventManager, Socket, UdpSocket, UnixDatagram } from '@em/sys';
import type { CountedPlan, FromClients, StreamPlan, ToClients } from '../plan.ts';
import { emptyTally } from '../tally.ts';
import { CountingSenders } from './counting-senders.ts';
import { Crowd, type CrowdContext } from './crowd.ts';
import { Flooders } from './flooders.ts';
import { type SenderSocket, Senders } from './senders.ts';
import { toSockaddr } from './sockaddr.ts';

const PROGRESS_MS = 50;
const HOST = '127.0.0.1';
/** Of <linux/in.h>. The kernel chooses the port at connect, so that every destination can use all ports. */
const IP_BIND_ADDRESS_NO_PORT = 24;
/** Of <linux/tcp.h>. The size of a segment, from which the kernel derives how much it keeps for the network. */
const TCP_MAXSEG = 2;
const ETHERNET_BYTES = 1460;
const NARROW_BUFFER_BYTES = 4096;
/** Of <asm-generic/socket.h>. */
const SO_LINGER = 13;
/** `struct linger {1, 0}`: closing resets the connection at once. */
const RESET = new Uint8Array(new Int32Array([1, 0]).buffer);

const { AF_INET, SOCK_STREAM, SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, TCP_NODELAY } = Socket.constants;
const manager = new EventManager();
const tally = emptyTally();
let clients: Partial<Pick<Crowd, 'go' | 'stopping' | 'release'>> = {};

function dialer({ port, sources }: StreamPlan): CrowdContext['dial'] {
  const server = toSockaddr(AF_INET, HOST, port);
  const own = sources.map((address) => toSockaddr(AF_INET, address, 0));
  return (client, isNarrow) => {
    const socket = AnySocket.open({ family: AF_INET, type: SOCK_STREAM });
    socket.setOption(IPPROTO_TCP, TCP_NODELAY, 1);
    socket.setOption(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (isNarrow) {
      socket.setOption(IPPROTO_TCP, TCP_MAXSEG, ETHERNET_BYTES);
      socket.setReceiveBufferBytes(NARROW_BUFFER_BYTES);
    }
    const source = own[client % own.length];
    if (source !== undefined) {
      socket.bind(source);
    }
    socket.connect(server);
    const reset = (): void => {
      socket.setOption(SOL_SOCKET, SO_LINGER, RESET);
      socket.close();
    };
    return Object.assign(socket, { reset });
  };
}

function datagramDialer({ to }: CountedPlan): (client: number) => SenderSocket {
  return (client) => {
    if (typeof to === 'number') {
      return UdpSocket.connect({ host: HOST, port: to });
    }
    const socket = UnixDatagram.bind({ path: `${to}-client-${process.pid}-${client}` });
    return {
      fd: socket.fd,
      send: (buffer, offset, length) => socket.sendTo(to, buffer, offset, length),
      receive: (buffer) => socket.receive(buffer),
    };
  };
}

function report(kind: FromClients['kind']): void {
  process.send?.({ kind, tally } satisfies FromClients);
}

function start({ plan }: Extract<ToClients, { kind: 'start' }>): void {
  const context = { manager, tally, onMilestone: report };
  switch (plan.transport) {
    case 'tcp':
      begin(new Crowd({ ...context, dial: dialer(plan) }, plan));
      break;
    case 'udp':
      begin(new Senders({ ...context, dial: () => UdpSocket.connect({ host: HOST, port: plan.port }) }, plan));
      break;
    case 'flood':
      begin(new Flooders({ ...context, dial: () => UdpSocket.connect({ host: HOST, port: plan.port }) }, plan));
      break;
    case 'counted':
      begin(new CountingSenders({ ...context, dial: datagramDialer(plan) }, plan));
      break;
  }
}

function begin(those: typeof clients & Pick<Crowd, 'start'>): void {
  clients = those;
  those.start();
}

setInterval(() => report('progress'), PROGRESS_MS);
process.on('message', (message: ToClients) => {
  switch (message.kind) {
    case 'start':
      start(message);
      break;
    default:
      clients[message.kind]?.();
  }
});
// The parent has got all reports, or has ended.
process.on('disconnect', () => process.exit());
await manager.run();
