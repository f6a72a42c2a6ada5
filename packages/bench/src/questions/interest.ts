import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { nativeProgram, nodeProgram } from '../programs.ts';
import type { Contestant, Question } from '../question.ts';

const FEW = 10;
const MANY = 15_000;
const NPM_EPOLL = `npm epoll ${NPM_EPOLL_VERSION}`;

export const interest: Question = {
  name: 'interest',
  title: 'An eventfd is added, modified, deleted',
  cases: [
    {
      title: 'add and delete, beside others',
      operation: 'pair',
      metrics: ['cpuNs', 'wallNs'],
      contestants: [FEW, MANY].flatMap((fds) => contestants('add-delete', fds)),
      targets: [
        {
          claim: 'at most 1.3 times the C loop',
          metric: 'cpuNs',
          of: nameOf('@em', FEW),
          to: nameOf('C loop', FEW),
          bound: { atMost: 1.3 },
        },
        {
          claim: `beside ${MANY} at most 1.1 times as much as beside ${FEW}`,
          metric: 'cpuNs',
          of: nameOf('@em', MANY),
          to: nameOf('@em', FEW),
          bound: { atMost: 1.1 },
        },
      ],
    },
    {
      title: 'modify, beside others',
      operation: 'call',
      metrics: ['cpuNs', 'wallNs'],
      contestants: contestants('modify', FEW),
    },
  ],
};

function contestants(kind: string, fds: number): Contestant[] {
  return [
    nativeProgram(nameOf('C loop', fds), 'interest', kind, String(fds)),
    nodeProgram(nameOf('@em', fds), 'interest', 'em', kind, String(fds)),
    nodeProgram(nameOf(NPM_EPOLL, fds), 'interest', 'epoll', kind, String(fds), buildNpmEpoll),
  ];
}

function nameOf(name: string, fds: number): string {
  return `${name}, ${fds.toLocaleString('en')}`;
}
