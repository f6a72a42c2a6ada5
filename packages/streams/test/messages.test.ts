import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { Socket, UdpSocket, UnixDatagram, UnixSeqpacket } from '@em/sys';
import { expect, test } from 'vitest';
import { toReadable, toWritable } from '../src/index.js';
import { manager, until, useManager } from './running.js';

useManager();

test('each chunk of a seqpacket socket is a message, an empty one too, and the end is the end', async () => {
  const [near, far] = UnixSeqpacket.pair();
  const sending = toWritable(manager, near);
  const receiving = toReadable(manager, far);
  const messages: string[] = [];
  const received = (async () => {
    for await (const message of receiving) {
      messages.push(String(message));
    }
  })();
  sending.write('one');
  sending.write(new Uint8Array(0));
  sending.write(Buffer.from('three'));
  await until(() => messages.length === 3);
  sending.end();
  await received;
  expect(messages).toEqual(['one', '', 'three']);
  expect([near.closed, far.closed]).toEqual([true, true]);
});

test('messages that wait for room keep their order and their borders', async () => {
  const [near, far] = UnixSeqpacket.pair();
  const sending = toWritable(manager, near);
  const sizes = Array.from({ length: 500 }, (_, at) => 1 + ((at * 37) % 4000));
  for (const size of sizes) {
    sending.write(Buffer.alloc(size, size % 256));
  }
  await setImmediate();
  const received: number[] = [];
  const receiving = toReadable(manager, far);
  for await (const message of receiving) {
    expect((message as Buffer).every((byte) => byte === message.length % 256)).toBe(true);
    received.push(message.length);
    if (received.length === sizes.length) {
      break;
    }
  }
  expect(received).toEqual(sizes);
  sending.destroy();
  await finished(sending).catch(() => undefined);
});

test('datagrams, an empty one too, do not end the stream', async () => {
  const local = { host: '127.0.0.1', port: 0 };
  const receiver = UdpSocket.bind(local);
  const sender = UdpSocket.connect({ host: '127.0.0.1', port: receiver.localAddress.port });
  const sending = toWritable(manager, sender);
  const receiving = toReadable(manager, receiver);
  const messages: string[] = [];
  receiving.on('data', (message) => messages.push(String(message)));
  for (const message of ['one', '', 'three']) {
    sending.write(Buffer.from(message));
    await until(() => messages.at(-1) === message);
  }
  receiving.destroy();
  sending.destroy();
  await Promise.all([finished(receiving), finished(sending)].map((end) => end.catch(() => undefined)));
  expect(messages).toEqual(['one', '', 'three']);
});

test('an entry of the error queue is an error of the stream', async () => {
  const local = { host: '127.0.0.1', port: 0 };
  const gone = UdpSocket.bind(local);
  const { port } = gone.localAddress;
  gone.close();
  const socket = UdpSocket.bind(local);
  const { IPPROTO_IP, IP_RECVERR } = Socket.constants;
  socket.setOption(IPPROTO_IP, IP_RECVERR, 1);
  const receiving = toReadable(manager, socket);
  receiving.resume();
  await setImmediate();
  socket.sendTo({ address: '127.0.0.1', port }, Buffer.from('anyone?'));
  await expect(finished(receiving)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a message that is too long is an error of the stream', async () => {
  const [near, far] = UnixDatagram.pair();
  const sending = toWritable(manager, near);
  sending.write(Buffer.alloc(10_000_000));
  await expect(finished(sending)).rejects.toMatchObject({ code: 'EMSGSIZE' });
  far.close();
});

test('a chunk that is neither text nor bytes is an error of the stream', async () => {
  const [near, far] = UnixDatagram.pair();
  const sending = toWritable(manager, near);
  sending.write({ wrong: true });
  await expect(finished(sending)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  far.close();
});
