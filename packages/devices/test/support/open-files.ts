import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, vi } from 'vitest';

/** Checks that each test of the file leaves open the devices that it found open, and no others. */
export function expectNoDeviceLeftOpen(): void {
  let before: readonly string[];
  beforeEach(() => {
    before = openDevices();
  });
  afterEach(async () => vi.waitFor(() => expect(openDevices()).toEqual(before)));
}

function openDevices(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return /^\/dev\/(?!null|u?random)|gpio/.test(target) ? [`${fd} ${target}`] : [];
    } catch {
      return []; // the folder that is being read
    }
  });
}
