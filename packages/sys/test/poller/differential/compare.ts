import { FakeWorld } from './fake-world.js';
import { type Observations, run } from './interpreter.js';
import { KernelWorld } from './kernel-world.js';
import type { Program } from './program.js';
import type { World } from './world.js';

/** The runs of one program in both worlds. */
export interface Comparison {
  readonly fake: Observations;
  readonly kernel: Observations;
  /** The first line in which the logs differ; -1 if they are equal. */
  readonly differsAt: number;
}

export function compare(program: Program): Comparison {
  const fake = runIn(new FakeWorld(), program);
  const kernel = runIn(new KernelWorld(), program);
  const longer = fake.log.length > kernel.log.length ? fake.log : kernel.log;
  return { fake, kernel, differsAt: longer.findIndex((_, line) => fake.log[line] !== kernel.log[line]) };
}

/** Whether the worlds agree, and no law is broken. */
export function isFine({ fake, kernel, differsAt }: Comparison): boolean {
  return differsAt === -1 && fake.violations.length + kernel.violations.length === 0;
}

/** Describes the difference, below the log that the worlds have in common. */
export function explain({ fake, kernel, differsAt }: Comparison): string {
  const lines = fake.log.slice(0, differsAt === -1 ? undefined : differsAt);
  if (differsAt !== -1) {
    lines.push('---- here they part', `fake:   ${fake.log[differsAt]}`, `kernel: ${kernel.log[differsAt]}`);
  }
  const violations = { fake: fake.violations, kernel: kernel.violations };
  for (const [world, broken] of Object.entries(violations)) {
    lines.push(...broken.map((law) => `broken by the ${world}'s: ${law}`));
  }
  return lines.join('\n');
}

function runIn(world: World, program: Program): Observations {
  try {
    return run(program, world);
  } finally {
    world.close();
  }
}
