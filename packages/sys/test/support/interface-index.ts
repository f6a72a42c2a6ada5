import { readFileSync } from 'node:fs';

/** Returns the number of a network interface. */
export function interfaceIndex(name: string): number {
  return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
}
