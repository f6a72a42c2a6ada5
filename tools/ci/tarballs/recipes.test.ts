// Runs the programs in examples/recipes with the packed packages, on every runtime.

import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { MISSING, NEED_DEVICES, outputOf, RECIPES, recipe } from '../../../packages/sys/test/support/recipes.js';
import { installRuntimes, type Runtime } from '../runtimes/runtimes.ts';
import { addProgram } from './consumer.ts';
import { installInstallers } from './installers.ts';
import { choose } from './package-sets.ts';
import { labelled, ResultTable } from './result-table.ts';
import { Stranger } from './stranger.ts';

/** Recipes that a runtime cannot run, as docs/recipes/README.md says. */
const LACKS = { node: [], bun: [], deno: ['async-context', 'audit', 'stdin'] } as const satisfies Record<
  Runtime['name'],
  readonly string[]
>;

/** A recipe calls a C library by it. */
const KOFFI = join(import.meta.dirname, '../../../node_modules/koffi');

const table = new ResultTable();
const stranger = new Stranger();
const [, , pnpm] = installInstallers();
let project: string;

beforeAll(async () => {
  project = await stranger.install(
    pnpm,
    choose(inject('tarballs'), ['@em/core', '@em/devices', '@em/streams', '@em/sys']),
  );
  symlinkSync(KOFFI, join(project, 'node_modules/koffi'));
  for (const name of RECIPES) {
    addProgram(join(project, `${name}.mjs`), recipe(name));
  }
});

afterAll(() => {
  console.log(table.format());
  stranger[Symbol.dispose]();
});

test.each(labelled(installRuntimes()))('recipes print on %s what their pages say', async (label, runtime) => {
  await table.record('recipes', pnpm.name, label, async () => {
    const { name: runtimeName, executable, options } = runtime;
    const lacks: readonly string[] = LACKS[runtimeName];
    // The tests of @em/sys report the recipes that cannot run on this machine.
    const others = [...NEED_DEVICES, ...lacks];
    for (const name of RECIPES.filter((each) => MISSING[each] === undefined && !others.includes(each))) {
      const printed = await stranger.run(executable, [...options, `${name}.mjs`], project, process.execPath);
      expect(printed, name).toBe(outputOf(name));
    }
  });
});
