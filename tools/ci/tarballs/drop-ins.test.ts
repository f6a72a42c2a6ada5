// Runs examples/drop-ins with the packed packages and with packages from npm that use the drop-ins, on every runtime.

import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { installRuntimes } from '../runtimes/runtimes.ts';
import { installDropIns } from './drop-ins.ts';
import { installInstallers } from './installers.ts';
import { choose } from './package-sets.ts';
import { labelled, ResultTable } from './result-table.ts';
import { Stranger } from './stranger.ts';

const runtimes = installRuntimes();
const table = new ResultTable();
const stranger = new Stranger();
const [npm] = installInstallers();
let project: string;

beforeAll(async () => {
  project = await installDropIns(stranger, Object.values(choose(inject('tarballs'), ['@em/core', '@em/sys'])));
});

afterAll(() => {
  console.log(table.format());
  stranger[Symbol.dispose]();
});

test('npm installs the drop-ins, and neither of the packages that they replace', () => {
  const names = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(names).toEqual(['@em', 'epoll', 'hot-shots', 'lodash.debounce', 'onoff', 'unix-dgram']);
  expect(realpathSync(join(project, 'node_modules/epoll'))).toBe(join(project, 'epoll'));
  expect(realpathSync(join(project, 'node_modules/unix-dgram'))).toBe(join(project, 'unix-dgram'));
});

test.each(labelled(runtimes))('hot-shots sends all metrics on %s', async (label, { executable, options }) => {
  await table.record('hot-shots', npm.name, label, async () => {
    const printed = await stranger.run(executable, [...options, 'send-metrics.js'], project, process.execPath);
    expect(printed).toBe('30 metrics, for example temperature:100|g\n');
  });
});

const nodes = labelled(runtimes.filter(({ name }) => name === 'node'));
test.each(nodes)('the tests of the drop-ins pass on %s', async (label, { executable }) => {
  await table.record('drop-ins', npm.name, label, async () => {
    const printed = await stranger.run(executable, ['--test', '--test-reporter=tap'], project, process.execPath);
    expect(printed).toMatch(/# pass 8\n# fail 0\n/);
  });
});
