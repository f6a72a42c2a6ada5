import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** The whole package in one minified file, as a bundler makes it for a browser. */
export function bundle(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
