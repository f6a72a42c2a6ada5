import { compileAddon } from '../compile.ts';
import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { nativeProgram, nodeProgram } from '../programs.ts';
import type { Case, Contestant, Question } from '../question.ts';
import { rustCrate } from '../rust-crate.ts';

const C = 'C loop';
const EM = '@em wait(0)';

/** The cases of the benchmarks of the Rust crate, and one with a single fd. */
export const dispatch: Question = {
  name: 'dispatch',
  title: 'A wait with timeout 0 on eventfds that stay ready, level-triggered',
  cases: [
    dispatchCase('200 ready, callbacks do nothing', 'no-op', 200, 200, 1.05, [
      nodeProgram('bare uv_poll', 'dispatch', 'uv-poll', 'no-op', '200', '200', () => compileAddon('uv-poll')),
      nodeProgram(`npm epoll ${NPM_EPOLL_VERSION}`, 'dispatch', 'epoll', 'no-op', '200', '200', buildNpmEpoll),
    ]),
    dispatchCase('200 ready, callbacks count', 'counting', 200, 200, 1.05),
    dispatchCase('400 ready, callbacks of four kinds', 'mixed', 400, 400, 1.05),
    dispatchCase('9 of 200 ready', 'no-op', 200, 9, 1.15),
    dispatchCase('1 ready', 'no-op', 1, 1, 1.5),
  ],
};

function dispatchCase(
  title: string,
  kind: string,
  fds: number,
  ready: number,
  atMost: number,
  peers: readonly Contestant[] = [],
): Case {
  const what = [kind, String(fds), String(ready)];
  return {
    title,
    operation: 'wait',
    metrics: ['cpuNs', 'wallNs'],
    contestants: [
      nativeProgram(C, 'dispatch', ...what),
      nodeProgram(EM, 'dispatch', 'wait', ...what),
      ...peers,
      rustCrate(...what),
    ],
    targets: [{ claim: `at most ${atMost} times the C loop`, metric: 'cpuNs', of: EM, to: C, bound: { atMost } }],
  };
}
