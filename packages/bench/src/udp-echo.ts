import { bun } from './bun.ts';
import { Child } from './child.ts';
import { compileProgram } from './compile.ts';
import { appCommand, onNode, type Server, saturated, startBoth } from './echo.ts';
import { programPath } from './programs.ts';
import type { Contestant } from './question.ts';

/** The behaviour of the clients of an echo server for UDP. */
export interface UdpLoad {
  readonly peers: number;
  /** The number of datagrams under way, of all clients together. */
  readonly underway: number;
  readonly bytes: number;
  /** Whether those of one client are sent and received together, by UDP_SEGMENT and UDP_GRO. */
  readonly joined?: boolean;
}

/** recvfrom and sendto, one datagram per event. */
export const C_UDP_SINGLE: Server = inC('C, one by one', 'single');
/** recvmmsg and sendmmsg. */
export const C_UDP_BATCH: Server = inC('C, in batches', 'batch');
/** The same with UDP_GRO and UDP_SEGMENT. */
export const C_UDP_JOINED: Server = inC('C, in batches and joined', 'joined');

/** The built application of this repository. It may answer one client as often as it likes. */
export const EM_UDP_SERVER: Server = {
  name: '@em/echo-server',
  command: appCommand('--listen=udp://127.0.0.1:0', '--datagrams-per-source=0'),
};

export const EM_UDP_RUN: Server = onNode('@em run(), bare', 'udp-echo-em', 'run');
export const EM_UDP_WAIT: Server = onNode('@em wait(), bare', 'udp-echo-em', 'wait');
export const NODE_DGRAM: Server = onNode('node:dgram', 'udp-echo-dgram');
export const BUN_UDP: Server = {
  name: 'Bun.udpSocket',
  command: (flags) => [bun(), ...flags, programPath('udp-echo-bun')],
};

function inC(name: string, way: string): Server {
  return { name, command: async () => [await compileProgram('udp-echo-server'), way] };
}

/** A server under load. The elapsed time is that of the datagrams, the CPU time that of the server only. */
export function udpEchoContestant(server: Server, { peers, underway, bytes, joined }: UdpLoad): Contestant {
  return saturated(server.name, (scale) =>
    startBoth(server, async (port) => {
      const args = [port, Math.ceil(peers * scale), underway, bytes, Number(joined ?? false)].map(String);
      const { child } = await Child.start([await compileProgram('udp-echo-load'), ...args]);
      return child;
    }),
  );
}
