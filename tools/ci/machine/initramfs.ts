import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { busybox, type Kernel } from './kernel.ts';

/** Those that it takes to mount the root of this machine in the virtual one. */
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/**
 * Writes an archive with busybox, the first modules and `init.sh`, which the kernel starts.
 *
 * @param folder - A new folder for the archive.
 * @returns The path of the archive.
 */
export function writeInitramfs({ root, release }: Kernel, folder: string): string {
  const modules = join('lib/modules', release);
  const index = readFileSync(join(root, modules, 'modules.dep'), 'utf8').split('\n');
  const lines = index.filter((line) => MODULES.some((name) => line.includes(`/${name}.ko:`)));
  const needed = lines.join(' ').match(/[^\s:]+/g) ?? [];
  const content = join(folder, 'content');
  for (const path of ['bin/busybox', ...needed.map((file) => join(modules, file))]) {
    mkdirSync(join(content, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(content, path));
  }
  cpSync(join(import.meta.dirname, 'init.sh'), join(content, 'init'));
  busybox(root, ['depmod', '-b', content, release]);
  const archive = join(folder, 'initramfs.cpio');
  const names = globSync('**', { cwd: content }).join('\n');
  writeFileSync(archive, busybox(root, ['cpio', '-o', '-H', 'newc'], names, content));
  return archive;
}
