import { spawnSync } from 'node:child_process';
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { installInstallers } from './installers.ts';
import { choose, PACKAGE_SETS } from './package-sets.ts';
import { BUNDLERS, installBundlers } from './programs.ts';
import { Stranger } from './stranger.ts';

const modules = join(import.meta.dirname, '../../../node_modules');
const stranger = new Stranger();
afterAll(() => {
  stranger[Symbol.dispose]();
});

/** The strictest layout: a package can import only what it declares. */
const [, , pnpm] = installInstallers();

describe.each(PACKAGE_SETS)('$name', ({ packages, consumer }) => {
  let project: string;
  beforeAll(async () => {
    installBundlers();
    project = await stranger.install(pnpm, choose(inject('tarballs'), packages));
    copyFileSync(join(import.meta.dirname, 'consumers', `${consumer}.ts`), join(project, 'main.mts'));
    // Programs for Node usually have its types.
    symlinkSync(join(modules, '@types'), join(project, 'node_modules/@types'));
  });

  test.each([
    ['NodeNext', 'NodeNext', 'TypeScript of this repository', join(modules, 'typescript')],
    ['ESNext', 'Bundler', 'TypeScript of this repository', join(modules, 'typescript')],
    ['NodeNext', 'NodeNext', 'TypeScript 5.2', join(BUNDLERS, 'typescript52')],
    ['ESNext', 'Bundler', 'TypeScript 5.2', join(BUNDLERS, 'typescript52')],
    ['NodeNext', 'NodeNext', 'TypeScript 5.6', join(BUNDLERS, 'typescript56')],
    ['NodeNext', 'NodeNext', 'TypeScript 5.7', join(BUNDLERS, 'typescript57')],
  ])('with module %s, moduleResolution %s and TypeScript %s, a program and all declarations compile', (...row) => {
    const [module, moduleResolution, , typescript] = row;
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'ES2022',
      lib: ['ES2022', 'ESNext.Disposable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.mts'] }));
    const { status, stdout } = spawnSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', project], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
