import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../repository.ts';
import { type Language, programOf } from '../../simulator/model/code.ts';
import { FakeWorld } from '../../simulator/model/fake-world.ts';
import { run } from '../../simulator/model/program.ts';
import { parseStep } from '../../simulator/model/step.ts';
import { SCENES, type Scene } from '../../simulator/scenes.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'epoll-live-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const play = ({ steps }: Scene) => {
  const parsed = steps.map(parseStep);
  return { steps: parsed, frames: run(parsed, new FakeWorld()) };
};

const textOf = (scene: Scene, language: Language): string => {
  const { steps, frames } = play(scene);
  const { head, steps: lines, tail } = programOf(steps, frames, language);
  return [head, ...lines, tail, ''].join('\n');
};

/** How many events each wait of the scene reports, if the program of one thread can make them happen. */
const countsOf = (scene: Scene): readonly number[] | undefined =>
  scene.steps.some((step) => /^fire | while /.test(step))
    ? undefined
    : play(scene).frames.flatMap(({ step, reports }) => (step?.do === 'wait' ? reports.length : []));

describe.each(SCENES)('$id', (scene) => {
  const lack = scene.steps.some((step) => step.startsWith('trigger')) && !existsSync('/proc/pressure/cpu');

  test.skipIf(lack)('is a whole program in C, which reports the same', () => {
    const source = join(folder, `${scene.id}.c`);
    writeFileSync(source, textOf(scene, 'c'));
    execFileSync('cc', ['-Wall', '-Wextra', '-Wno-unused', '-Werror', '-o', join(folder, scene.id), source]);
    const output = execFileSync(join(folder, scene.id), { encoding: 'utf8' });
    const counts = output
      .split('\n')
      .slice(0, -1)
      .map((line) => Number.parseInt(line, 10));
    expect(counts).toEqual(countsOf(scene) ?? counts);
  });

  test.skipIf(lack)('is a whole program in Python, which reports the same', () => {
    const output = execFileSync('python3', ['-c', textOf(scene, 'py')], { encoding: 'utf8' });
    const counts = output
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('(').length - 1);
    expect(counts).toEqual(countsOf(scene) ?? counts);
  });
});

test('each scene is a whole program in TypeScript, without errors of the compiler', () => {
  // As if they were in a package that finds all of ours.
  const files = new Map(
    SCENES.map((scene) => [
      join(root, 'packages/devices', `scene-${scene.id}.ts`),
      `${textOf(scene, 'ts')}export {};\n`,
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...others) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, target, ...others) : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  expect(problems).toEqual([]);
});
