import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestFunction, test } from 'vitest';

/** Bits of <linux/capability.h>. */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n, CAP_SYS_TIME: 25n, CAP_WAKE_ALARM: 35n } as const;

/** Options of unshare(1), for a program that mounts. */
export const MOUNT_NAMESPACE: readonly string[] = ['--mount', '--map-root-user'];

/** Options of unshare(1), for a program that changes the name of the host. */
export const UTS_NAMESPACE: readonly string[] = ['--user', '--map-root-user', '--uts'];

/**
 * Defines a test that not every machine can run. If something is missing, the test is skipped, and its title says what.
 */
export function testIf(missing: string | undefined, name: string, run: TestFunction): void {
  test.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (skipped: ${missing})`, run);
}

/** Returns what is missing if this process lacks a capability. */
export function lackOfCapability(capability: keyof typeof CAPABILITIES): string | undefined {
  const mask = /^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (BigInt(`0x${mask}`) >> CAPABILITIES[capability]) & 1n ? undefined : `no ${capability}`;
}

/** Returns what is missing if `open` throws. */
export function lackOf(name: string, open: () => { close(): void }): string | undefined {
  try {
    open().close();
    return undefined;
  } catch {
    return `no ${name}`;
  }
}

/** Returns what is missing if a program cannot have mounts of its own. */
export function lackOfMountNamespaces(): string | undefined {
  try {
    execFileSync('unshare', [...MOUNT_NAMESPACE, 'mount', '-t', 'tmpfs', 'none', '/tmp'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no mount namespaces';
  }
}

/** Returns what is missing if a program cannot have a host name of its own. */
export function lackOfUtsNamespaces(): string | undefined {
  try {
    execFileSync('unshare', [...UTS_NAMESPACE, 'sh', '-c', 'echo own > /proc/sys/kernel/hostname'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'no UTS namespaces';
  }
}

/** What is missing if a program cannot be started without capabilities. */
export function lackOfUserNamespaces(): string | undefined {
  try {
    execFileSync('unshare', ['--user', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no user namespaces';
  }
}
