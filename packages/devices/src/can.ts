export { type CanFilter, type CanOptions, CanSocket } from './can/can-socket.js';
export type { CanFrame, CanFrameKind, NewCanFrame } from './can/frame.js';
