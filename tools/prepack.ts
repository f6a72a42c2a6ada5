// Runs before a package is packed. Copies the licences next to its manifest, and fails if a path that the manifest
// lists under `files` is missing, for example because it was not built. The changelog may be missing until the first
// version.

import { copyFileSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
for (const name of globSync(['LICENSE-*', 'NOTICE'], { cwd: root })) {
  copyFileSync(join(root, name), name);
}

const { name, version, files } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const missing = files.filter(
  (pattern) => globSync(pattern).length === 0 && !(pattern === 'CHANGELOG.md' && version === '0.0.0'),
);
if (missing.length > 0) {
  console.error(
    `${name} cannot be packed without ${missing.join(', ')}: run \`pnpm build\` and \`pnpm build:prebuilds\``,
  );
  process.exitCode = 1;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
}
