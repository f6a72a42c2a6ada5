import { release } from 'node:os';
import { isThere, read } from './files.js';

/** Where a process runs, as far as it can find out. */
export interface Environment {
  readonly kernel: string;
  /** How many files it may have open, as `soft` and `hard` limit; nothing where nobody says. */
  readonly openFiles?: { readonly soft: string; readonly hard: string };
  /** What may stand between it and the kernel: containers, WSL, filters of system calls. */
  readonly within: readonly string[];
}

export function exploreEnvironment(): Environment {
  const [, soft, hard] = /^Max open files +(\S+) +(\S+)/m.exec(read('/proc/self/limits')) ?? [];
  const kernel = release();
  const signs: Readonly<Record<string, boolean>> = {
    docker: isThere('/.dockerenv'),
    podman: isThere('/run/.containerenv'),
    kubernetes: process.env['KUBERNETES_SERVICE_HOST'] !== undefined,
    WSL: /microsoft/i.test(kernel),
    // Mode 2 of seccomp(2): what a filter refuses, mostly EPERM or ENOSYS, is not the kernel's answer.
    seccomp: /^Seccomp:\s*2$/m.test(read('/proc/self/status')),
  };
  return {
    kernel,
    ...(soft !== undefined && hard !== undefined && { openFiles: { soft, hard } }),
    within: Object.keys(signs).filter((name) => signs[name]),
  };
}
