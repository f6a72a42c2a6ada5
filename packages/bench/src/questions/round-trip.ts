import { compileAddon } from '../compile.ts';
import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { nativeProgram, nodeProgram } from '../programs.ts';
import type { Question } from '../question.ts';

const RUN = '@em run()';
const WAIT = '@em wait()';
const UV_POLL = 'bare uv_poll';
const NPM_EPOLL = `npm epoll ${NPM_EPOLL_VERSION}`;
/** Reads and writes as a program must that has only that package. */
const NPM_EPOLL_NODE_FS = `${NPM_EPOLL} and node:fs`;

export const roundTrip: Question = {
  name: 'round-trip',
  title: 'An eventfd is written, waited for and read',
  cases: [
    {
      title: 'one eventfd, one thread',
      operation: 'round trip',
      metrics: ['cpuNs', 'wallNs'],
      contestants: [
        nativeProgram('C loop', 'round-trip'),
        nodeProgram(WAIT, 'round-trip', 'wait'),
        nodeProgram(RUN, 'round-trip', 'run'),
        nodeProgram(UV_POLL, 'round-trip', 'uv-poll', () => compileAddon('uv-poll')),
        nodeProgram(NPM_EPOLL, 'round-trip', 'epoll', buildNpmEpoll),
        nodeProgram(NPM_EPOLL_NODE_FS, 'round-trip', 'epoll-with-node-fs', buildNpmEpoll),
      ],
      targets: [
        {
          claim: 'run() is at least 4 times as fast as npm epoll and node:fs',
          metric: 'cpuNs',
          of: RUN,
          to: NPM_EPOLL_NODE_FS,
          bound: { rateAtLeast: 4 },
        },
        {
          claim: 'run() is at least 4 times as fast as npm epoll with our reads and writes',
          metric: 'cpuNs',
          of: RUN,
          to: NPM_EPOLL,
          bound: { rateAtLeast: 4 },
        },
        {
          claim: 'run() costs at most 1.25 times a bare uv_poll',
          metric: 'cpuNs',
          of: RUN,
          to: UV_POLL,
          bound: { atMost: 1.25 },
        },
      ],
    },
  ],
};
