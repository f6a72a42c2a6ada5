import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds the site, as `pnpm site:build` does. */
export default function build(): void {
  const cwd = join(import.meta.dirname, '..');
  for (const args of [['api/generate.ts'], ['node_modules/vitepress/bin/vitepress.js', 'build']]) {
    execFileSync(process.execPath, args, { cwd, stdio: 'inherit' });
  }
}
