import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EventSet, Socket, UdpBatch, UdpSocket } from '../../src/index.js';
import { interfaceIndex } from '../support/interface-index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

const LO = interfaceIndex('lo');
/** Groups for local use. They contain the process id, so that two runs at the same time use different ones. */
const IPV4_GROUP = `239.255.${process.pid & 0xff}.${(process.pid >> 8) & 0xff}`;
const IPV6_GROUP = `ff11::${process.pid.toString(16)}`;

/** A socket whose datagrams to a group leave through the loopback interface. */
function loopbackSender(): UdpSocket {
  const sender = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const IP_MULTICAST_IF = 32;
  const loopback = Buffer.alloc(12); // struct ip_mreqn
  loopback.writeInt32LE(LO, 8);
  sender.setOption(Socket.constants.IPPROTO_IP, IP_MULTICAST_IF, loopback);
  return sender;
}

test.each(['0.0.0.0', '::'])(
  'a socket bound to %s receives from a group after it joins and until it leaves',
  (host) => {
    using receiver = UdpSocket.bind({ host, port: 0 });
    using sender = loopbackSender();
    const into = Buffer.alloc(8);
    const { port } = receiver.localAddress;
    const send = (address: string, text: string) => sender.sendTo({ address, port }, Buffer.from(text));
    const next = () =>
      into.toString('utf8', 0, waitFor(receiver, EventSet.IN, () => receiver.receiveFrom(into)).length);
    send(IPV4_GROUP, 'early');
    receiver.joinMulticast(IPV4_GROUP, LO);
    send(IPV4_GROUP, 'group');
    expect(next()).toBe('group');
    receiver.leaveMulticast(IPV4_GROUP, LO);
    send(IPV4_GROUP, 'late');
    send('127.0.0.1', 'alone');
    expect(next()).toBe('alone');
  },
);

test('an IPv6 socket is a member of a group after it joins and until it leaves', () => {
  const isMember = () => {
    const name = `ff11${process.pid.toString(16).padStart(28, '0')}`;
    return readFileSync('/proc/self/net/igmp6', 'utf8').includes(` lo              ${name} `);
  };
  using receiver = UdpSocket.bind({ host: '::', port: 0 });
  expect(isMember()).toBe(false);
  receiver.joinMulticast(IPV6_GROUP, LO);
  expect(isMember()).toBe(true);
  receiver.leaveMulticast(IPV6_GROUP, LO);
  expect(isMember()).toBe(false);
});

describe.each(['0.0.0.0', '::'])('a socket with packet info, bound to %s', (host) => {
  /** Returns the local addresses with which datagrams to these addresses arrive, alone and in batches. */
  function localsOf(addresses: readonly string[], prepare: 'before' | 'after'): [unknown[], unknown[]] {
    using receiver = UdpSocket.bind({ host, port: 0 });
    using sender = loopbackSender();
    receiver.joinMulticast(IPV4_GROUP, LO);
    sender.setBroadcast(true);
    receiver.setPacketInfo(prepare === 'before');
    for (const address of [...addresses, ...addresses]) {
      sender.sendTo({ address, port: receiver.localAddress.port }, Buffer.from('x'));
    }
    receiver.setPacketInfo(true);
    const next = () => waitFor(receiver, EventSet.IN, () => receiver.receiveFrom(Buffer.alloc(1)));
    const alone = addresses.map(() => next().from.local);
    const batch = new UdpBatch();
    const inBatches: unknown[] = [];
    while (inBatches.length < addresses.length) {
      const count = waitFor(receiver, EventSet.IN, () => receiver.receiveMany(batch));
      for (let at = 0; at < count; at++) {
        inBatches.push(batch.hasLocalAt(at) ? batch.peerAt(at).local : undefined);
      }
    }
    return [alone, inBatches];
  }

  test('reports no local address of a datagram to a group or a broadcast address', () => {
    const locals = [undefined, undefined, undefined, '127.0.0.2'];
    expect(localsOf([IPV4_GROUP, '127.255.255.255', '255.255.255.255', '127.0.0.2'], 'before')).toEqual([
      locals,
      locals,
    ]);
  });

  test('reports the local address of a datagram that arrived before it had packet info', () => {
    const locals = [undefined, '127.0.0.2'];
    expect(localsOf([IPV4_GROUP, '127.0.0.2'], 'after')).toEqual([locals, locals]);
  });
});

test('joining or leaving a group throws the error of the kernel', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const refusal = (code: string) => ({ code, syscall: 'setsockopt', fd: socket.fd });
  expect(raises(() => socket.joinMulticast('127.0.0.1', LO))).toMatchObject(refusal('EINVAL'));
  expect(raises(() => socket.joinMulticast(IPV4_GROUP, 0x7fff_ffff))).toMatchObject(refusal('ENODEV'));
  expect(raises(() => socket.joinMulticast(IPV6_GROUP, LO))).toMatchObject(refusal('ENOPROTOOPT'));
  expect(raises(() => socket.leaveMulticast(IPV4_GROUP, LO))).toMatchObject(refusal('EADDRNOTAVAIL'));
  socket.joinMulticast(IPV4_GROUP, LO);
  expect(raises(() => socket.joinMulticast(IPV4_GROUP, LO))).toMatchObject(refusal('EADDRINUSE'));
});

test.each<[string, unknown[], string]>([
  ['a name', ['mdns.local'], 'ERR_OUT_OF_RANGE'],
  ['a zone', ['ff02::fb%1'], 'ERR_OUT_OF_RANGE'],
  ['no group', [], 'ERR_INVALID_ARG_TYPE'],
  ['an interface by name', ['224.0.0.251', 'lo'], 'ERR_INVALID_ARG_TYPE'],
  ['a negative interface', ['224.0.0.251', -1], 'ERR_OUT_OF_RANGE'],
])('%s is refused by joinMulticast() and leaveMulticast()', (_, args, code) => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(raises(() => Reflect.apply(socket.joinMulticast, socket, args)).code).toBe(code);
  expect(raises(() => Reflect.apply(socket.leaveMulticast, socket, args)).code).toBe(code);
});

test.each([true, false])(
  'an IPv6 socket (ipv6Only: %s) joins an IPv4 group only if it can receive from it',
  (ipv6Only) => {
    using socket = UdpSocket.bind({ host: '::', port: 0, ipv6Only });
    const join = () => socket.joinMulticast(IPV4_GROUP, LO);
    if (ipv6Only) {
      expect(raises(join)).toMatchObject({ code: 'EAFNOSUPPORT', syscall: 'setsockopt', fd: socket.fd });
    } else {
      join();
      socket.leaveMulticast(IPV4_GROUP, LO);
    }
  },
);
