// Runs the program of examples/drop-ins that watches a button, in a project that has the packed packages installed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { installedRuntimes } from '../runtimes/runtimes.ts';
import { labelled } from '../tarballs/result-table.ts';

const project = process.env['EM_DROP_INS'];

test.each(labelled(installedRuntimes()))(
  'onoff, on the drop-in for epoll, reports each change of a line on %s',
  async (_, { executable, options }) => {
    using button = new SimulatedButton();
    const args = [...options, 'watch-button.js', `${button.number}`];
    const program = spawn(executable, args, { cwd: project, stdio: 'pipe' });
    program.stderr.pipe(process.stderr);
    const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
    const printed: unknown[] = [];
    for (const pull of ['pull-up', 'pull-down', 'pull-up', 'pull-down']) {
      printed.push((await lines.next()).value);
      button.pull(pull);
    }
    printed.push((await lines.next()).value);
    expect(printed).toEqual(['watching', 'pressed', 'released', 'pressed', 'released']);
    expect(program.exitCode ?? (await once(program, 'exit'))[0]).toBe(0);
  },
);

/** A GPIO line of gpio-sim. */
class SimulatedButton implements Disposable {
  /** The number of the line in `/sys/class/gpio`. */
  readonly number: number;
  readonly #config = '/sys/kernel/config/gpio-sim/em-button';
  readonly #line: string;

  constructor() {
    const bank = join(this.#config, 'bank');
    mkdirSync(bank, { recursive: true });
    writeFileSync(join(bank, 'num_lines'), '1');
    writeFileSync(join(bank, 'label'), 'em-button');
    writeFileSync(join(this.#config, 'live'), '1');
    const device = read(join(this.#config, 'dev_name'));
    this.#line = join('/sys/devices/platform', device, read(join(bank, 'chip_name')), 'sim_gpio0');
    const chips = globSync('/sys/class/gpio/gpiochip*').filter((chip) => read(join(chip, 'label')) === 'em-button');
    this.number = Number(read(join(chips[0] ?? '', 'base')));
  }

  pull(pull: string): void {
    writeFileSync(join(this.#line, 'pull'), pull);
  }

  [Symbol.dispose](): void {
    writeFileSync(join(this.#config, 'live'), '0');
    rmdirSync(join(this.#config, 'bank'));
    rmdirSync(this.#config);
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
