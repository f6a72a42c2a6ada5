import { cpSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installInstallers } from './installers.ts';
import { packInstalled } from './pack.ts';
import type { Stranger } from './stranger.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Copies examples/drop-ins to a new folder, and installs the packages there, with packages from npm that use the
 * drop-ins.
 *
 * @param tarballs - Those of `@em/core` and `@em/sys`.
 * @returns The folder.
 */
export async function installDropIns(stranger: Stranger, tarballs: readonly string[]): Promise<string> {
  const [npm] = installInstallers();
  const onoff = realpathSync(join(root, 'node_modules/onoff'));
  const installed = [join(root, 'node_modules/hot-shots'), onoff, join(dirname(onoff), 'lodash.debounce')];
  const others = installed.map((path) => packInstalled(path, stranger.folder('packed')));
  const project = stranger.folder('drop-ins');
  cpSync(join(root, 'examples/drop-ins'), project, { recursive: true });
  const [file, ...args] = npm.install([...tarballs, ...others]);
  await stranger.run(file, args, project, process.execPath);
  return project;
}
