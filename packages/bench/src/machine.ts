import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { compilerVersion } from './compile.ts';
import { NPM_EPOLL_VERSION } from './npm-epoll.ts';

/** The machine and the versions that were measured. */
export interface Circumstances {
  readonly date: string;
  /** The commit, with `, changed` if the working tree had changes. */
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly compiler: string;
  readonly npmEpoll: string;
  /** The load average over a minute at the start: above 0, other processes were running. */
  readonly loadAtStart: number;
}

export function circumstances(): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `Linux ${release()}`,
    node: process.version,
    compiler: compilerVersion() ?? 'none',
    npmEpoll: NPM_EPOLL_VERSION,
    loadAtStart: loadavg()[0] ?? 0,
  };
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const isChanged = git('status', '--porcelain').trim() !== '';
    return git('rev-parse', '--short=10', 'HEAD').trim() + (isChanged ? ', changed' : '');
  } catch {
    return 'unknown';
  }
}
