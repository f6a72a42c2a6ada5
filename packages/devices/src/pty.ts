export { Pty, type PtySize } from './pty/pty.js';
