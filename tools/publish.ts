// Publishes each of these tarballs whose version the registry has not yet, and tags the commit with it. Run by the
// workflow for releases, where npm needs no token.

import { execFileSync } from 'node:child_process';

for (const tarball of process.argv.slice(2)) {
  const manifest = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  const release = `${name}@${version}`;
  if (isPublished(release)) {
    console.log(`${release} is published`);
  } else {
    execFileSync('npm', ['publish', tarball, '--access', 'public', '--provenance'], { stdio: 'inherit' });
    execFileSync('git', ['tag', release], { stdio: 'inherit' });
  }
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
