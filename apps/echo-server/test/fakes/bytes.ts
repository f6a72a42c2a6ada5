import type { FakeStreamSocket } from '@em/testing';

const MSG_PEEK = 2;

/** Bytes in which any two parts differ. */
export function numbered(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = i * 31 + (i >> 8);
  }
  return bytes;
}

/** Reads the bytes that have arrived. */
export function received(socket: Pick<FakeStreamSocket, 'read'>): Uint8Array {
  const chunks: Uint8Array[] = [];
  const part = new Uint8Array(64 * 1024);
  for (let length = socket.read(part); length !== undefined && length > 0; length = socket.read(part)) {
    chunks.push(part.slice(0, length));
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Whether the other end has ended writing. */
export function isAtEnd(socket: Pick<FakeStreamSocket, 'read'>): boolean {
  return socket.read(new Uint8Array(1), 0, 1, MSG_PEEK) === 0;
}
