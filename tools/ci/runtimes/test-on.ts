import { inject } from 'vitest';
import { declareTests } from './results.ts';
import { installRuntimes } from './runtimes.ts';
import { runSmoke } from './smoke.ts';
import { runSuite } from './suite.ts';

/**
 * Runs the smoke suite with the built packages on a runtime, for example `node22`. Also runs all tests of `@em/sys` on the
 * versions of Node that `pnpm test` does not use.
 */
export async function testOn(wanted: string): Promise<void> {
  const runtime = installRuntimes().find(({ name, version }) => `${name}${version}`.startsWith(wanted));
  if (runtime === undefined) {
    throw new Error(`There is no runtime ${wanted}`);
  }
  const label = `${runtime.name} ${runtime.version}`;
  declareTests(`${label}, smoke:`, await runSmoke(inject('smoke'), runtime));
  if (runtime.name === 'node' && runtime.version !== process.versions.node) {
    declareTests(`${label}, @em/sys:`, await runSuite(runtime));
  }
}
