import { accessSync, readFileSync } from 'node:fs';

// A file that is missing counts as empty, and so does one that the process must not read.

export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
