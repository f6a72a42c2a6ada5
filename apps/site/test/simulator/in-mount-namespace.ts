// Plays a scene on the kernel, and prints what can be seen of it. argv: the name of the scene. It mounts, so it needs a mount
// namespace of its own.

import { run } from '../../simulator/model/program.ts';
import { parseStep } from '../../simulator/model/step.ts';
import { SCENES } from '../../simulator/scenes.ts';
import { KernelWorld } from './kernel-world.ts';
import { visible } from './visible.ts';

const steps = SCENES.find(({ id }) => id === process.argv[2])?.steps ?? [];
// A change of the mounts is reported as an error, too.
const lines = visible(run(steps.map(parseStep), new KernelWorld())).map((line) =>
  line.replace('PRIORITY|ERROR', 'PRIORITY'),
);
console.log(JSON.stringify(lines));
