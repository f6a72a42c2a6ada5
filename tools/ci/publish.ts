// Publishes each tarball whose version is new, and tags the commit with it. The release workflow runs this; npm needs
// no token there. The registry refuses provenance from another repository than the manifest names, so nothing is
// published
// unless all manifests name this repository. argv: the tarballs.

import { execFileSync } from 'node:child_process';

const tarballs = process.argv.slice(2).map((path) => ({ path, manifest: readManifest(path) }));

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
const here = `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`;
for (const { manifest } of tarballs) {
  if (manifest.repository?.url !== here) {
    console.error(`${manifest.name} is published from ${here}, but its manifest names ${manifest.repository?.url}`);
    process.exit(1);
  }
}

for (const { path, manifest } of tarballs) {
  const release = `${manifest.name}@${manifest.version}`;
  if (isPublished(release)) {
    console.log(`${release} is published`);
  } else {
    execFileSync('npm', ['publish', path, '--access', 'public', '--provenance'], { stdio: 'inherit' });
    execFileSync('git', ['tag', release], { stdio: 'inherit' });
  }
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository?: { readonly url: string };
}

function readManifest(tarball: string): Manifest {
  const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  return JSON.parse(text) as Manifest;
}

function isPublished(release: string): boolean {
  try {
    return execFileSync('npm', ['view', release, 'version'], { encoding: 'utf8', stdio: 'pipe' }).trim() !== '';
  } catch (error) {
    if (String((error as { stderr?: unknown }).stderr).includes('E404')) {
      return false;
    }
    throw error;
  }
}
