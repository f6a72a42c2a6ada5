// Runs the smoke suite of the devices on every runtime.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { declareTests, type Result } from '../runtimes/results.ts';
import { installedRuntimes } from '../runtimes/runtimes.ts';
import { runSmoke } from '../runtimes/smoke.ts';

const DEVICES = join(import.meta.dirname, '../../../packages/devices');
const NAMES = { node: 'Node', bun: 'Bun', deno: 'Deno' };

/** The results on each runtime. */
const columns = new Map<string, readonly Result[]>();
for (const runtime of installedRuntimes()) {
  const { name, version } = runtime;
  const results = await runSmoke(process.env['EM_SMOKE'] ?? '', runtime, ['devices']);
  declareTests(`${name} ${version}, smoke:`, results);
  const [major] = version.split('.');
  columns.set(name === 'node' ? `Node ${major}` : NAMES[name], results);
}

test('the table of runtimes in the README of @em/devices has what was seen', () => {
  const { exports } = JSON.parse(readFileSync(join(DEVICES, 'package.json'), 'utf8')) as { exports: object };
  const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
  const rows = entries.map((entry) => {
    const device = entry.slice('./'.length);
    return [`\`@em/devices/${device}\``, ...Array.from(columns.values(), (results) => cell(device, results))];
  });
  const seen = [['import', ...columns.keys()], ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const readme = readFileSync(join(DEVICES, 'README.md'), 'utf8');
  const [table = ''] = /^\| import \| Node.*\n(\|.*\n)+/m.exec(readme) ?? [];
  expect(table.split('\n').filter((line) => !/^(\|-.*)?$/.test(line))).toEqual(seen);
});

/** Summarizes the tests of a device. Their titles begin with its name. */
function cell(device: string, results: readonly Result[]): string {
  const statuses = results.filter(({ name }) => name.startsWith(`${device}: `)).map(({ status }) => status);
  return statuses.length > 0 && statuses.every((status) => status === 'passed') ? 'works' : 'not seen to work';
}
