import { nativeProgram, nodeProgram } from '../programs.ts';
import type { Question } from '../question.ts';

const READY = '10';
const FDS = [10, 100, 1_000, 15_000] as const;

export const idle: Question = {
  name: 'idle',
  title: 'A wait for 10 ready fds among idle fds',
  cases: [
    {
      title: '10 ready of N fds',
      operation: 'wait',
      metrics: ['cpuNs', 'wallNs'],
      contestants: FDS.flatMap((fds) => [
        nativeProgram(nameOf('C loop', fds), 'dispatch', 'no-op', String(fds), READY),
        nodeProgram(nameOf('@em wait(0)', fds), 'dispatch', 'wait', 'no-op', String(fds), READY),
      ]),
      targets: [
        {
          claim: '10 of 15,000 at most 1.1 times as much as 10 of 10',
          metric: 'cpuNs',
          of: nameOf('@em wait(0)', 15_000),
          to: nameOf('@em wait(0)', 10),
          bound: { atMost: 1.1 },
        },
      ],
    },
  ],
};

function nameOf(name: string, fds: number): string {
  return `${name}, ${fds.toLocaleString('en')}`;
}
