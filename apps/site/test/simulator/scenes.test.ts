import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, describe as group, test } from 'vitest';
import { formatAddress, parseAddress, startOf } from '../../simulator/address.ts';
import { codeOf, LANGUAGES } from '../../simulator/model/code.ts';
import { describe } from '../../simulator/model/describe.ts';
import { FakeWorld } from '../../simulator/model/fake-world.ts';
import { type Frame, run } from '../../simulator/model/program.ts';
import { formatStep, parseStep } from '../../simulator/model/step.ts';
import { SCENES, type Scene } from '../../simulator/scenes.ts';
import { KernelWorld } from './kernel-world.ts';
import { visible } from './visible.ts';

const onFake = (scene: Scene): readonly Frame[] => run(scene.steps.map(parseStep), new FakeWorld());

const has = ({ steps }: Scene, word: string): boolean => steps.some((step) => step.split(' ').includes(word));

/** Options of unshare(1), for a program that mounts. */
const MOUNT_NAMESPACE = ['--mount', '--map-root-user'];
const hasMountNamespaces =
  spawnSync('unshare', [...MOUNT_NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/tmp']).status === 0;

/** Plays a scene on the kernel. */
function onKernel(scene: Scene): readonly string[] {
  if (!has(scene, 'trigger')) {
    return visible(run(scene.steps.map(parseStep), new KernelWorld(has(scene, 'while'))));
  }
  const program = join(import.meta.dirname, 'in-mount-namespace.ts');
  const output = execFileSync('unshare', [...MOUNT_NAMESPACE, process.execPath, program, scene.id], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as readonly string[];
}

group.each(SCENES)('$id', (scene) => {
  test('ends with the picture that it promises', () => {
    expect(describe(onFake(scene).at(-1) as Frame)).toEqual(scene.ending);
  });

  const lack = has(scene, 'trigger') && !hasMountNamespaces ? ' (skipped: no mount namespaces)' : '';
  test.skipIf(lack !== '')(`is the same on the kernel${lack}`, () => {
    expect(onKernel(scene)).toEqual(visible(onFake(scene)));
  });

  test('can be played in every language, and has an address for every step', () => {
    const frames = onFake(scene);
    const { steps } = startOf(scene);
    for (const [index, step] of steps.entries()) {
      expect(parseStep(formatStep(step))).toEqual(step);
      for (const language of LANGUAGES) {
        expect(codeOf(step, frames[index], frames[index + 1], language)).toMatch(/\S/);
        const position = { ...startOf(scene, language), at: index + 1 };
        expect(parseAddress(formatAddress(position))).toEqual(position);
        expect(parseAddress(formatAddress({ ...position, scene: undefined }))).toEqual({
          ...position,
          scene: undefined,
        });
      }
    }
  });
});

test('the scenes have addresses of their own, and questions as titles', () => {
  expect(new Set(SCENES.map(({ id }) => id)).size).toBe(10);
  for (const { title } of SCENES) {
    expect(title).toMatch(/\?$/);
  }
});
