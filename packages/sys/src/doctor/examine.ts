import { createRequire } from 'node:module';
import type { Binding } from '../addon/binding.js';
import { libcName, runtimeName } from '../addon/platform.js';
import { loadAddon } from '../load-addon.js';
import { type Capabilities, tryCapabilities } from './capabilities.js';
import { type Environment, exploreEnvironment } from './environment.js';

/** What the doctor found. */
export interface Findings extends Environment {
  readonly version: string;
  readonly works: boolean;
  /** Why it does not work. */
  readonly problem?: string;
  readonly platform: string;
  readonly arch: string;
  readonly libc?: string;
  readonly runtime: string;
  readonly nodeApi: string;
  /** The path of the addon. */
  readonly addon?: string;
  readonly capabilities?: Capabilities;
}

export function examine(): Findings {
  const { platform, arch, versions } = process;
  const { version } = createRequire(import.meta.url)('@em/sys/package.json') as { version: string };
  return {
    version,
    ...tryAddon(),
    platform,
    arch,
    ...(platform === 'linux' && { libc: libcName() }),
    runtime: runtimeName(),
    nodeApi: versions['napi'] ?? 'unknown',
    ...exploreEnvironment(),
  };
}

function tryAddon(): Pick<Findings, 'works' | 'problem' | 'addon' | 'capabilities'> {
  try {
    const { path, exports } = loadAddon();
    const capabilities = tryCapabilities(exports as Binding);
    return { works: capabilities['epoll'] === 'yes', addon: path, capabilities };
  } catch (error) {
    return { works: false, problem: (error as Error).message };
  }
}
