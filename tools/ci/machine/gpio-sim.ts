import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KernelPackages, unpack } from './packages.ts';

const SOURCES = ['drivers/gpio/gpio-sim.c', 'drivers/gpio/gpiolib.h', 'kernel/irq/irq_sim.c'];

/**
 * Builds gpio-sim, which makes GPIO chips for tests, and adds it to the modules in `root`. The kernel of Debian has
 * neither it nor the simulated interrupts that it needs, so they become one module.
 */
export function buildGpioSim({ release, series, source }: KernelPackages, root: string): void {
  const folder = join(root, 'gpio-sim');
  unpack([source], folder);
  const archive = join(folder, `usr/src/linux-source-${series}.tar.xz`);
  const members = SOURCES.map((path) => `linux-source-${series}/${path}`);
  execFileSync('tar', ['--extract', '--file', archive, '--directory', folder, '--transform', 's:.*/::', ...members]);

  // The name of a module must differ from those of its parts.
  copyFileSync(join(folder, 'gpio-sim.c'), join(folder, 'driver.c'));
  replace(join(folder, 'irq_sim.c'), 'handle_simple_irq(irq_to_desc(irqnum))', 'generic_handle_irq(irqnum)');
  writeFileSync(join(folder, 'Makefile'), 'obj-m := gpio-sim.o\ngpio-sim-y := driver.o irq_sim.o\n');
  const headers = join(root, `usr/src/linux-headers-${release}`);
  replace(join(headers, 'Makefile'), '/usr/src/', `${join(root, 'usr/src')}/`);
  execFileSync('make', ['--silent', '-C', headers, `M=${folder}`, 'CC=gcc', 'modules'], {
    // objtool, a part of the headers, needs libelf.
    env: { ...process.env, LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') },
    stdio: 'pipe',
  });

  const updates = join(root, 'lib/modules', release, 'updates');
  mkdirSync(updates);
  copyFileSync(join(folder, 'gpio-sim.ko'), join(updates, 'gpio-sim.ko'));
  rmSync(folder, { recursive: true });
}

function replace(path: string, text: string, by: string): void {
  const content = readFileSync(path, 'utf8');
  if (!content.includes(text)) {
    throw new Error(`Cannot build gpio-sim: ${path} does not contain ${text}`);
  }
  writeFileSync(path, content.replaceAll(text, by));
}
