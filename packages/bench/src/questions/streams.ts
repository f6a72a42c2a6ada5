import { nodeProgram } from '../programs.ts';
import type { Case, Question } from '../question.ts';

const STREAMS = '@em/streams';
const NET = 'net.Socket';

export const streams: Question = {
  name: 'streams',
  title: 'One stream sends and another receives, in one process',
  cases: [
    streamCase('a unix stream', 'unix', 65_536),
    streamCase('TCP on the loopback', 'tcp', 65_536),
    streamCase('a unix stream', 'unix', 1_024),
    streamCase('TCP on the loopback', 'tcp', 1_024),
  ],
};

function streamCase(title: string, kind: 'unix' | 'tcp', chunkBytes: number): Case {
  return {
    title: `${title}, chunks of ${chunkBytes / 1_024} kB`,
    operation: 'MB',
    metrics: ['cpuNs', 'wallNs'],
    contestants: [
      nodeProgram(NET, 'streams', 'net', kind, String(chunkBytes)),
      nodeProgram(STREAMS, 'streams', 'em', kind, String(chunkBytes)),
    ],
    targets: [
      {
        claim: `CPU time at most that of ${NET}`,
        metric: 'cpuNs',
        of: STREAMS,
        to: NET,
        bound: { atMost: 1 },
      },
    ],
  };
}
