import type { Server } from '../echo.ts';
import type { Case, Question, Target } from '../question.ts';
import {
  BUN_UDP,
  C_UDP_BATCH,
  C_UDP_JOINED,
  C_UDP_SINGLE,
  EM_UDP_RUN,
  EM_UDP_SERVER,
  EM_UDP_WAIT,
  NODE_DGRAM,
  type UdpLoad,
  udpEchoContestant,
} from '../udp-echo.ts';

const SERVER = EM_UDP_SERVER.name;

/** Against the C loop that makes a system call for each datagram. */
const ofSingle = (atMost: number): Target =>
  target(`CPU time at most ${atMost} of C, one by one`, C_UDP_SINGLE, atMost);
const ofDgram: Target = target('CPU time at most 0.35 of node:dgram', NODE_DGRAM, 0.35);

export const datagrams: Question = {
  name: 'datagrams',
  title: 'A UDP echo server on the loopback',
  cases: [
    udpCase({ peers: 1, underway: 1, bytes: 64 }, [ofSingle(1), ofDgram], [EM_UDP_RUN, EM_UDP_WAIT]),
    udpCase({ peers: 1, underway: 16, bytes: 64 }, [ofDgram]),
    udpCase({ peers: 1, underway: 256, bytes: 64 }, [ofSingle(0.9), ofDgram], [EM_UDP_RUN, EM_UDP_WAIT]),
    udpCase({ peers: 1, underway: 256, bytes: 1_200 }, [ofSingle(0.9), ofDgram]),
    udpCase({ peers: 1_000, underway: 256, bytes: 64 }, [ofSingle(0.9), ofDgram]),
    udpCase({ peers: 1_000, underway: 256, bytes: 1_200 }, [ofSingle(0.9), ofDgram]),
    udpCase({ peers: 1, underway: 256, bytes: 64, joined: true }, [ofSingle(0.4), ofDgram], [C_UDP_JOINED]),
    udpCase({ peers: 1, underway: 256, bytes: 1_200, joined: true }, [ofSingle(0.4), ofDgram], [C_UDP_JOINED]),
  ],
  effort: ({ rounds, roundMs, warmUpMs }) => ({ rounds: Math.ceil(rounds / 2), roundMs: roundMs * 4, warmUpMs }),
};

function udpCase(load: UdpLoad, targets: readonly Target[], more: readonly Server[] = []): Case {
  const { peers, underway, bytes, joined = false } = load;
  const clients = peers === 1 ? 'one client' : `${peers.toLocaleString('en')} clients`;
  const servers = [C_UDP_SINGLE, C_UDP_BATCH, EM_UDP_SERVER, ...more, NODE_DGRAM, BUN_UDP];
  return {
    title: `${underway} × ${bytes.toLocaleString('en')} B of ${clients}${joined ? ', sent together' : ''}`,
    operation: 'datagram',
    metrics: ['cpuNs', 'wallNs'],
    contestants: servers.map((server) => udpEchoContestant(server, load)),
    targets,
  };
}

function target(claim: string, to: Server, atMost: number): Target {
  return { claim, metric: 'cpuNs', of: SERVER, to: to.name, bound: { atMost } };
}
