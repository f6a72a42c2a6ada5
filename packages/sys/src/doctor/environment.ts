import { release } from 'node:os';
import { isThere, read } from './files.js';

/** What a process can find out about where it runs. */
export interface Environment {
  readonly kernel: string;
  /** The `soft` and `hard` limit of open files, if they are readable. */
  readonly openFiles?: { readonly soft: string; readonly hard: string };
  /** What is between the process and the kernel: containers, WSL, filters of system calls. */
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
    // Mode 2 of seccomp(2): a filter refuses system calls itself, usually with EPERM or ENOSYS.
    seccomp: /^Seccomp:\s*2$/m.test(read('/proc/self/status')),
  };
  return {
    kernel,
    ...(soft !== undefined && hard !== undefined && { openFiles: { soft, hard } }),
    within: Object.keys(signs).filter((name) => signs[name]),
  };
}
