import { expect, test } from 'vitest';
import { AnySocket, EventSet, Socket } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

const { AF_VSOCK, SOCK_STREAM } = Socket.constants;
const [VMADDR_ANY, VMADDR_CID_LOCAL] = [0xffff_ffff, 1];

function open(): AnySocket {
  return AnySocket.open({ family: AF_VSOCK, type: SOCK_STREAM });
}

/** struct sockaddr_vm: family (2), zero (2), port (4), context (4), zero (4). */
function vsockAddress(context: number, port: number): Buffer {
  const sockaddr = Buffer.alloc(16);
  sockaddr.writeUInt16LE(AF_VSOCK, 0);
  sockaddr.writeUInt32LE(port, 4);
  sockaddr.writeUInt32LE(context, 8);
  return sockaddr;
}

function portOf(sockaddr: Uint8Array): number {
  return Buffer.from(sockaddr).readUInt32LE(4);
}

function listen(context: number): AnySocket {
  const listener = open();
  try {
    listener.bind(vsockAddress(context, VMADDR_ANY));
    listener.listen();
    return listener;
  } catch (error) {
    listener.close();
    throw error;
  }
}

test('a vsock listener has a port, and no connection waits', () => {
  using listener = listen(VMADDR_ANY);
  expect(portOf(listener.localAddress)).not.toBe(VMADDR_ANY);
  expect(listener.accept()).toBeUndefined();
});

test('a vsock connection is accepted, and carries bytes', () => {
  using listener = listen(VMADDR_CID_LOCAL);
  using client = open();
  client.connect(vsockAddress(VMADDR_CID_LOCAL, portOf(listener.localAddress)));
  using server = waitFor(listener, EventSet.IN, () => listener.accept());
  waitFor(client, EventSet.OUT, () => client.send(Buffer.from('ping')));
  client.shutdownWrite();
  const into = Buffer.alloc(8);
  expect(waitFor(server, EventSet.IN, () => server.receive(into))).toBe(4);
  expect(waitFor(server, EventSet.IN, () => server.receive(into))).toBe(0);
  expect(portOf(server.remoteAddress)).toBe(portOf(client.localAddress));
});
