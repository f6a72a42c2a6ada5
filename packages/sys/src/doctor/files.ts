import { accessSync, readFileSync } from 'node:fs';

// What cannot be read, for lack of permission too, has nothing to tell.

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
