import { join } from 'node:path';
import { build } from 'esbuild';

/** Writes the simulator as one file, which pages elsewhere can load. */
export async function bundleSimulator(folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'epoll-live.ts')],
    outfile: join(folder, 'epoll-live.js'),
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2023',
    logLevel: 'error',
  });
}
