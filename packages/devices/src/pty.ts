export { Pty, type PtySize } from './pty/pty.js';
export type { PtySpawnOptions } from './pty/spawn.js';
