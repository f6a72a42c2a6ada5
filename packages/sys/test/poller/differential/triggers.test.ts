import { execFile } from 'node:child_process';
import { readlinkSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { expect, onTestFinished } from 'vitest';
import { lackOfUtsNamespaces, testIf, UTS_NAMESPACE } from '../../support/named-skip.js';
import type { SearchResult } from './search.js';

const PROGRAMS = Number(process.env['EM_DIFFERENTIAL_TRIGGER_PROGRAMS'] ?? 2_000);
const SEED = Number(process.env['EM_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31);

testIf(
  lackOfUtsNamespaces(),
  `${PROGRAMS} random programs with a file whose poll consumes the event behave the same on the fake and on the kernel (seed ${SEED})`,
  async () => {
    // Several versions of Node run this test at once.
    const outfile = fileURLToPath(new URL(`../../../build/run-triggers-${process.pid}.js`, import.meta.url));
    onTestFinished(() => rmSync(outfile));
    buildSync({
      entryPoints: [fileURLToPath(new URL('run-triggers.ts', import.meta.url))],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      // Older versions of Node do not know `using`.
      target: 'node20.19',
      packages: 'external',
    });
    const { stdout } = await promisify(execFile)(
      'unshare',
      [...UTS_NAMESPACE, process.execPath, outfile, String(PROGRAMS), String(SEED)],
      { timeout: 50_000, env: { ...process.env, EM_HOST_UTS_NAMESPACE: readlinkSync('/proc/self/ns/uts') } },
    );
    const { programs, priorities, difference } = JSON.parse(stdout) as SearchResult;
    expect(difference).toBeUndefined();
    expect(programs).toBe(PROGRAMS);
    // The programs are of use only if their triggers are heard.
    expect(priorities).toBeGreaterThan(PROGRAMS / 10);
  },
);
