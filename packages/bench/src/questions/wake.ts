import { nativeProgram, nodeProgram } from '../programs.ts';
import type { Question } from '../question.ts';

export const wake: Question = {
  name: 'wake',
  title: 'Two threads wake each other in turns, each asleep until it is woken',
  cases: [
    {
      title: 'there and back',
      operation: 'round trip',
      metrics: ['wallNs', 'cpuNs'],
      contestants: [
        nativeProgram('C loop', 'wake'),
        nodeProgram('@em wait()', 'wake', 'wait'),
        nodeProgram('@em run()', 'wake', 'run'),
        nodeProgram('Atomics.wait', 'wake', 'atomics'),
        nodeProgram('postMessage', 'wake', 'post-message'),
      ],
    },
  ],
};
