import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeInitramfs } from './initramfs.ts';
import type { Kernel } from './kernel.ts';

const BOOT_LIMIT_MS = 180_000;
const TEST_LIMIT_MS = 600_000;
const REPOSITORY = join(import.meta.dirname, '../../..');

/**
 * Boots a machine that runs tests, and returns when it is off. The tests see the files of this machine; what they write
 * is kept in memory, and lost.
 *
 * @param folder - An empty folder. The tests leave a report and their exit code there.
 * @param variables - Environment variables: `EM_ARGS` has the arguments of vitest.
 * @throws Error - The machine did not boot, or its tests did not end. The message has what the kernel printed.
 */
export async function boot(
  { root, release }: Kernel,
  folder: string,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const image = join(root, `boot/vmlinuz-${release}`);
  const all = { EM_ROOT: root, EM_REPOSITORY: REPOSITORY, EM_NODE: process.execPath, ...variables };
  const log = join(folder, 'console.log');
  const options = [
    // Without KVM, which most machines lack that are virtual themselves.
    ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2G'],
    ['-nodefaults', '-display', 'none', '-no-reboot'],
    ['-kernel', image, '-initrd', writeInitramfs({ root, release }, folder), '-append', commandLine(all)],
    ['-chardev', `file,id=console,path=${log}`, '-serial', 'chardev:console', '-serial', 'stdio'],
    ['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
    ['-fsdev', `local,id=results,path=${folder},security_model=none`],
    ['-device', 'virtio-9p-pci,fsdev=results,mount_tag=results'],
  ];
  const machine = spawn('qemu-system-x86_64', options.flat(), { stdio: ['ignore', 'pipe', 'inherit'] });
  machine.stdout.pipe(process.stdout, { end: false });

  let fault = 'The virtual machine ended before its tests';
  const endAfter = (limitMs: number, late: string) =>
    setTimeout(() => {
      fault = `${late} within ${limitMs / 1000} s`;
      machine.kill('SIGKILL');
    }, limitMs);
  let timer = endAfter(BOOT_LIMIT_MS, 'The virtual machine did not boot');
  machine.stdout.once('data', () => {
    clearTimeout(timer);
    timer = endAfter(TEST_LIMIT_MS, 'The tests in the virtual machine did not end');
  });
  await once(machine, 'close');
  clearTimeout(timer);
  if (!existsSync(join(folder, 'status'))) {
    throw new Error(`${fault}. Its console:\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
  }
}

/** Returns the command line of the kernel, which hands the variables to its first program. */
function commandLine(variables: Readonly<Record<string, string>>): string {
  const quoted = Object.entries(variables).map(([name, value]) => {
    if (value.includes('"')) {
      throw new Error(`Cannot hand ${value} to the virtual machine: it contains a quotation mark`);
    }
    return `${name}="${value}"`;
  });
  // A panic ends the machine. The kernel panics if the first program fails.
  return ['console=ttyS0', 'quiet', 'panic=-1', ...quoted].join(' ');
}
