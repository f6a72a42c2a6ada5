import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../..');

test('onoff from npm, on the drop-in for epoll, reports each change of a line that a button pulls', async () => {
  using button = new SimulatedButton();
  const program = spawn(process.execPath, ['watch-button.js', `${button.number}`], { cwd: install(), stdio: 'pipe' });
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
});

/** Makes a project that has the drop-in for epoll, and onoff, and returns its path. */
function install(): string {
  const project = mkdtempSync(join(tmpdir(), 'em-drop-ins-'));
  cpSync(join(root, 'examples/drop-ins'), project, { recursive: true });
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@em'), { recursive: true });
  symlinkSync('../epoll', join(modules, 'epoll'));
  for (const name of ['core', 'sys']) {
    symlinkSync(join(root, 'packages', name), join(modules, '@em', name));
  }
  // Copied, so that it finds the drop-in.
  const onoff = dirname(createRequire(join(root, 'package.json')).resolve('onoff/package.json'));
  const debounce = dirname(createRequire(join(onoff, 'onoff.js')).resolve('lodash.debounce/package.json'));
  cpSync(onoff, join(modules, 'onoff'), { recursive: true });
  cpSync(debounce, join(modules, 'lodash.debounce'), { recursive: true });
  return project;
}

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
