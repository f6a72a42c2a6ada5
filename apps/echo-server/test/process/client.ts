import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** The address of a server, as `net.connect` accepts it. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Connects over TCP. Each half of the socket can be ended alone. The socket is destroyed after the test. */
export function connectTo({ address }: { readonly address: Address }): Promise<Socket> {
  return open({ host: address.host, port: address.port });
}

/** The same over a unix socket: a path, or NUL and an abstract name. */
export function connectToUnix(path: string): Promise<Socket> {
  return open({ path });
}

async function open(options: NetConnectOpts): Promise<Socket> {
  const socket = connect({ ...options, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** The checksum of all bytes that a socket receives. */
export async function checksumOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of socket) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** The checksum of bytes. */
export function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Sends bytes and the end of the stream. Returns the checksum of the answer. */
export function echoOf(socket: Socket, bytes: Uint8Array): Promise<string> {
  socket.end(bytes);
  return checksumOf(socket);
}

/** Reads exactly this number of bytes. */
export async function readBytes(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let missing = length; missing > 0; ) {
    const chunk: Buffer | null = socket.read(Math.min(missing, socket.readableLength)) ?? null;
    if (chunk === null) {
      await once(socket, 'readable');
    } else {
      chunks.push(chunk);
      missing -= chunk.length;
    }
  }
  return Buffer.concat(chunks);
}

/** Waits until no written byte has been taken for a hundred checks: every buffer on the way is full. */
export async function writingStalls(socket: Socket): Promise<void> {
  let waiting = -1;
  for (let looks = 0; looks < 100; looks++) {
    await setTimeout(5);
    if (socket.writableLength !== waiting) {
      waiting = socket.writableLength;
      looks = 0;
    }
  }
}
