import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import * as sys from '../../src/index.js';
import { connection, datagrams, type Keep, listen, pipe, streams } from '../support/file-makers.js';
import {
  bigint,
  bytes,
  fd,
  flag,
  integer,
  notLists,
  notNames,
  notObjects,
  object,
  of,
  optional,
  options,
  type Parameter,
  slice,
  text,
} from './parameters.js';

/** What is called, on what, with what. */
export type Call = (keep: Keep) => [on: object, ...takes: Parameter[]];

const { AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR } = sys.Socket.constants;
/** asm-generic/ioctls.h. */
const FIONREAD = 0x541b;
const MAX_INT = 2 ** 31 - 1;
const MAX_NS = 2n ** 63n - 1n;
const LOCAL = { host: '127.0.0.1', port: 0 };

const eventFd = (keep: Keep) => keep(new sys.EventFd(1));
const zeros = (keep: Keep) => {
  const number = sys.open('/dev/zero', constants.O_RDWR);
  keep({ close: () => sys.close(number) });
  return number;
};
const filePosition = optional(integer(0, 0, Number.MAX_SAFE_INTEGER));
const timerFd = (keep: Keep) => keep(new sys.TimerFd());
const inotify = (keep: Keep) => keep(new sys.Inotify());
const udp = (keep: Keep) => keep(sys.UdpSocket.bind(LOCAL));
const any = (keep: Keep) => keep(sys.AnySocket.open({ family: AF_INET, type: SOCK_DGRAM }));
const seqpacket = (keep: Keep) => sys.UnixSeqpacket.pair().map(keep)[0] ?? keep(new sys.EventFd());

const batchOptions = optional(
  options({ capacity: optional(integer(2, 1, 256)), bytesPerDatagram: optional(integer(8, 1, 8_388_608)) }),
);
const index = integer(0, 0, 1);
const udpBatch = () => new sys.UdpBatch({ capacity: 2, bytesPerDatagram: 8 });
const unixBatch = () => new sys.UnixDatagramBatch({ capacity: 2, bytesPerDatagram: 8 });
/** A batch of another class, an object that only looks like a batch, and a batch whose bytes are elsewhere. */
const aBatch = (make: () => sys.DatagramBatch, other: () => sys.DatagramBatch): Parameter => {
  const detached = make();
  structuredClone(detached.bytes.buffer, { transfer: [detached.bytes.buffer as ArrayBuffer] });
  const batch = make();
  const lookAlikes = [Object.create(Object.getPrototypeOf(batch)), new Proxy(batch, {})];
  return of(batch, [...notObjects, undefined, {}, [], new Uint8Array(8), other(), detached, ...lookAlikes]);
};
/** The bytes of an entry, at most 8. */
const entryBytes = (): Parameter => {
  const { refused } = bytes(8);
  return { value: new Uint8Array(8), refused: [...refused, ...of(0, [], [new Uint8Array(9)]).refused] };
};

const connected = (keep: Keep) => {
  const socket = any(keep);
  socket.connect(Uint8Array.from([AF_INET, 0, 0, 9, 127, 0, 0, 1, ...new Uint8Array(8)]));
  return socket;
};

const host = text(LOCAL.host, '', 'localhost', '1.2.3', '1.2.3.4\0', 'fe80::1%lo', '::1%99999999999');
const port = integer(0, 0, 0xffff);
const path = (): Parameter =>
  of(
    `\0em-${randomUUID()}`,
    [...notNames, 3, new Uint16Array(1)],
    ['', 'x'.repeat(108), 'with\0NUL', '\ud800', new Uint8Array(0), Buffer.alloc(108, 'x'), Buffer.from('with\0NUL')],
  );
const backlog = optional(integer(8, 0, MAX_INT));
const mayBe = optional(flag(true));
const consumesEvents = optional(of(() => false, [null, true, 'x', 3n, 0, {}, [3]]));
const unixListen = () => options({ path: path(), backlog });
const notPids = notObjects.filter((value) => typeof value !== 'number');
const names = [integer(SOL_SOCKET, 0, MAX_INT), integer(SO_REUSEADDR, 0, MAX_INT)];
const multicast = [text('239.1.2.3', '', 'localhost'), optional(integer(0, 0, MAX_INT))];
const flags = optional(integer(0, 0, 3));
const maxFds = optional(integer(1, 0, 253));
const bufferBytes = integer(4096, 0, MAX_INT);

const request = [
  of('T', [null, undefined, true, 3n, {}, ['T'], Symbol('T')], ['', 'TT', 'Ā', -1, 256, 0.5, Number.NaN]),
  integer(0, 0, 255),
];
const requestSize = integer(4, 0, 16_383);
const ioctlArgument = optional(
  of(
    new Uint8Array(4),
    [...notNames, '0', new Uint32Array(1), new DataView(new ArrayBuffer(4)), Object.create(Uint8Array.prototype)],
    [new Uint8Array(3), new Uint8Array(0), 2 ** 16, -(2 ** 31) - 1, 0.5, Number.NaN],
  ),
);

function sockaddr(value: Uint8Array): Parameter {
  const { refused } = bytes(0);
  return { value, refused: [...refused, ...of(value, [], [new Uint8Array(1), new Uint8Array(129)]).refused] };
}

const loopback = sockaddr(Uint8Array.from([AF_INET, 0, 0, 9, 127, 0, 0, 1, ...new Uint8Array(8)]));

function fds(keep: Keep): Parameter {
  const { fd: one } = eventFd(keep);
  const wrong = [...notLists, ['3'], [null], [undefined], [{}], [{ fd: '3' }], Array(1)];
  return of([one], wrong, [[], Array(254).fill(one), [-1], [0.5], [2 ** 31], [{ fd: -1 }]]);
}

function settings(): Parameter {
  const { refused } = options({ afterNs: bigint(1n, 0n, MAX_NS), everyNs: bigint(1n, 1n, MAX_NS) });
  const onSet = [1, null, 'x'].map((cancelOnSet) => ({ atNs: 1n, cancelOnSet }));
  const contradicting = [{}, { afterNs: 1n, atNs: 1n }, { atNs: 1 }, { afterNs: 1n, cancelOnSet: true }, ...onSet];
  const wrong = refused.filter(([value]) => !isWithoutOne(value));
  return { value: { afterNs: MAX_NS }, refused: [...wrong, ...of(0, contradicting, [{ atNs: -1n }]).refused] };
}

/** Each time may be left out, if the other is given. */
function isWithoutOne(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).includes(undefined);
}

const abstractName = () => `\0em-${randomUUID()}`;

const adopting =
  (name: keyof typeof sys, make: (keep: Keep) => sys.OwnedFd): Call =>
  (keep) => [Reflect.get(sys, name), fd(sys.dup(make(keep).fd))];

/** Whatever takes an argument, by name. */
export const CALLS: Readonly<Record<string, Call>> = {
  'AnySocket.adopt': adopting('AnySocket', any),
  'EventFd.adopt': adopting('EventFd', eventFd),
  'Inotify.adopt': adopting('Inotify', inotify),
  'PidFd.adopt': adopting('PidFd', (keep) => keep(new sys.PidFd(process.pid))),
  'PipeReader.adopt': adopting('PipeReader', (keep) => pipe(keep).reader),
  'PipeWriter.adopt': adopting('PipeWriter', (keep) => pipe(keep).writer),
  'TcpListener.adopt': adopting('TcpListener', listen),
  'TcpStream.adopt': adopting('TcpStream', (keep) => connection(keep).near),
  'TimerFd.adopt': adopting('TimerFd', timerFd),
  'UdpSocket.adopt': adopting('UdpSocket', udp),
  'UnixDatagram.adopt': adopting('UnixDatagram', (keep) => datagrams(keep).near),
  'UnixListener.adopt': adopting('UnixListener', (keep) => keep(sys.UnixListener.listen({ path: abstractName() }))),
  'UnixSeqpacket.adopt': adopting('UnixSeqpacket', seqpacket),
  'UnixSeqpacketListener.adopt': adopting('UnixSeqpacketListener', (keep) =>
    keep(sys.UnixSeqpacketListener.listen({ path: abstractName() })),
  ),
  'UnixStream.adopt': adopting('UnixStream', (keep) => streams(keep).near),

  'new EventManager': () => [sys.EventManager, optional(options({ consumesEvents }))],
  'new EpollPoller': () => [sys.EpollPoller, optional(options({ consumesEvents }))],
  'new EventFd': () => [sys.EventFd, optional(integer(0, 0, 2 ** 32 - 1)), optional(options({ semaphore: mayBe }))],
  'new PidFd': () => {
    const children = [{}, [3], { pid: '3' }, { pid: null }, { pid: undefined, exitCode: null, signalCode: null }];
    const ids = [0, -1, 0.5, Number.NaN, MAX_INT + 1];
    return [sys.PidFd, of(process.pid, [...notPids, ...children], [...ids, ...ids.map((pid) => ({ pid }))])];
  },
  'new TimerFd': () => [
    sys.TimerFd,
    optional(options({ clock: of('realtime', [null, 1, '', 'sundial', 'toString', ['boottime']]) })),
  ],
  'new Waker': (keep) => {
    const words = [
      new Uint32Array(1),
      new Int32Array(new SharedArrayBuffer(4)),
      new Uint32Array(new SharedArrayBuffer(0)),
      new Uint32Array(new SharedArrayBuffer(4)),
    ];
    const forged = words.map((sharedFd) => ({ sharedFd }));
    return [sys.Waker, of(keep(new sys.EventManager()).waker(), [...notObjects, undefined, {}, ...forged])];
  },
  'new ThreadPort': (keep) => {
    const opened = new sys.ThreadChannel().port1;
    keep(new sys.ThreadPort(opened));
    const unlinked = new MessageChannel().port1;
    const { port1, port2 } = new sys.ThreadChannel();
    keep(port2);
    return [sys.ThreadPort, of(port1, [...notObjects, undefined, {}, opened, unlinked])];
  },

  'ThreadPort.prototype.post': (keep) => [
    keep(new sys.ThreadPort(new sys.ThreadChannel().port1)),
    of('text', [undefined]),
    optional(of([], [null, true, 3, 'x', {}, new Set()])),
  ],
  'EventFd.prototype.write': (keep) => [eventFd(keep), optional(bigint(1n, 0n, 2n ** 64n - 2n))],
  'TimerFd.prototype.set': (keep) => [timerFd(keep), settings()],
  'PidFd.prototype.sendSignal': (keep) => [
    keep(new sys.PidFd(process.pid)),
    of(0, notNames, [-1, 65, 0.5, Number.NaN, '', 'SIGNOTHING', 'toString', '9']),
  ],
  'Inotify.prototype.add': (keep) => [
    inotify(keep),
    of('/', [...notNames, 3, new Uint16Array(1)], ['/\0', Buffer.from('/\0')]),
    of(['CREATE'], notLists, [['IN_CREATE'], [''], ['toString'], [3], [null], Array(1)]),
  ],
  'Inotify.prototype.remove': (keep) => {
    const watches = inotify(keep);
    return [watches, integer(watches.add('/', ['CREATE']), 0, MAX_INT)];
  },
  'PipeReader.prototype.read': (keep) => [pipe(keep).reader, ...slice(8)],
  'PipeWriter.prototype.write': (keep) => [pipe(keep).writer, ...slice(8)],

  'Socket.prototype.setReceiveBufferBytes': (keep) => [udp(keep), bufferBytes],
  'Socket.prototype.setSendBufferBytes': (keep) => [udp(keep), bufferBytes],
  'Socket.prototype.getOption': (keep) => [udp(keep), ...names],
  'Socket.prototype.getOptionBytes': (keep) => [udp(keep), ...names, bytes(4)],
  'Socket.prototype.setOption': (keep) => [udp(keep), ...names, of(1, [...notNames, '1'], [2 ** 32, 0.5])],

  'AnySocket.open': () => [sys.AnySocket, options({ family: integer(2, 0, MAX_INT), type: integer(2, 0, MAX_INT) })],
  'AnySocket.prototype.bind': (keep) => [any(keep), sockaddr(new Uint8Array([AF_INET, ...new Uint8Array(15)]))],
  'AnySocket.prototype.connect': (keep) => [any(keep), loopback],
  'AnySocket.prototype.listen': (keep) => [keep(sys.AnySocket.adopt(sys.TcpListener.listen(LOCAL).detach())), backlog],
  'AnySocket.prototype.send': (keep) => [connected(keep), ...slice(8)],
  'AnySocket.prototype.sendTo': (keep) => [any(keep), loopback, ...slice(8)],
  'AnySocket.prototype.receive': (keep) => [any(keep), ...slice(8), flags],
  'AnySocket.prototype.receiveFrom': (keep) => [any(keep), ...slice(8), flags],
  'AnySocket.prototype.receiveError': (keep) => [any(keep), ...slice(8)],
  'AnySocket.prototype.attachFilter': (keep) => [
    any(keep),
    { ...bytes(8), value: Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0) },
  ],

  'TcpListener.listen': () => [sys.TcpListener, options({ host, port, backlog, reusePort: mayBe, ipv6Only: mayBe })],
  'TcpListener.prototype.setNoDelay': (keep) => [keep(sys.TcpListener.listen(LOCAL)), flag(true)],
  'TcpListener.prototype.setKeepAlive': (keep) => [
    keep(sys.TcpListener.listen(LOCAL)),
    flag(true),
    optional(integer(1, 1, 32_767)),
  ],
  'TcpStream.connect': (keep) => [
    sys.TcpStream,
    options({ host, port: integer(keep(sys.TcpListener.listen(LOCAL)).address.port, 0, 0xffff) }),
  ],
  'TcpStream.prototype.setNoDelay': (keep) => [connection(keep).near, flag(true)],
  'TcpStream.prototype.setKeepAlive': (keep) => [connection(keep).near, flag(true), optional(integer(1, 1, 32_767))],
  'StreamSocket.prototype.read': (keep) => [streams(keep).near, ...slice(8), flags],
  'StreamSocket.prototype.write': (keep) => [streams(keep).near, ...slice(8)],
  'DatagramSocket.prototype.send': (keep) => [datagrams(keep).near, ...slice(8)],
  'DatagramSocket.prototype.receive': (keep) => [datagrams(keep).near, ...slice(8), flags],

  'UdpSocket.bind': () => [
    sys.UdpSocket,
    options({ host, port, reuseAddress: mayBe, reusePort: mayBe, ipv6Only: mayBe }),
  ],
  'UdpSocket.connect': () => [sys.UdpSocket, options({ host, port })],
  'UdpSocket.prototype.sendTo': (keep) => {
    const socket = udp(keep);
    return [
      socket,
      object({ address: host, port: integer(socket.localAddress.port, 0, 0xffff), local: optional(host) }),
      ...slice(8),
    ];
  },
  'UdpSocket.prototype.receiveFrom': (keep) => [udp(keep), ...slice(8), flags],
  'UdpSocket.prototype.receiveMany': (keep) => [udp(keep), aBatch(udpBatch, unixBatch), optional(integer(1, 1, 2))],
  'UdpSocket.prototype.sendMany': (keep) => [
    udp(keep),
    aBatch(udpBatch, unixBatch),
    integer(0, 0, 2),
    optional(integer(0, 0, 2)),
  ],
  'UdpSocket.prototype.setCoalescing': (keep) => [udp(keep), flag(true)],
  'new UdpBatch': () => [sys.UdpBatch, batchOptions],
  'new UnixDatagramBatch': () => [sys.UnixDatagramBatch, batchOptions],
  'DatagramBatch.prototype.offsetAt': () => [udpBatch(), index],
  'DatagramBatch.prototype.lengthAt': () => [udpBatch(), index],
  'DatagramBatch.prototype.setLengthAt': () => [udpBatch(), index, integer(8, 0, 8)],
  'DatagramBatch.prototype.bytesAt': () => [udpBatch(), index],
  'DatagramBatch.prototype.truncatedAt': () => [udpBatch(), index],
  'UdpBatch.prototype.put': () => [
    udpBatch(),
    index,
    entryBytes(),
    optional(
      object({ address: text(LOCAL.host, '', 'localhost'), port, local: optional(text(LOCAL.host, '', '::1')) }),
    ),
    optional(integer(4, 0, 0xffff)),
  ],
  'UdpBatch.prototype.peerAt': () => {
    const batch = udpBatch();
    batch.put(0, new Uint8Array(1), { address: LOCAL.host, port: 9 });
    return [batch, index];
  },
  'UdpBatch.prototype.portAt': () => [udpBatch(), index],
  'UdpBatch.prototype.copyAddressAt': () => {
    const { refused } = bytes(16);
    const short = of(0, [], [new Uint8Array(15)]);
    return [udpBatch(), index, { value: new Uint8Array(16), refused: [...refused, ...short.refused] }];
  },
  'UdpBatch.prototype.hasLocalAt': () => [udpBatch(), index],
  'UdpBatch.prototype.segmentBytesAt': () => [udpBatch(), index],
  'UnixDatagramBatch.prototype.put': () => [unixBatch(), index, entryBytes(), optional(path())],
  'UnixDatagramBatch.prototype.peerAt': () => [unixBatch(), index],
  'UdpSocket.prototype.receiveError': (keep) => [udp(keep), ...slice(8)],
  'UdpSocket.prototype.setPacketInfo': (keep) => [udp(keep), flag(true)],
  'UdpSocket.prototype.setBroadcast': (keep) => [udp(keep), flag(true)],
  'UdpSocket.prototype.joinMulticast': (keep) => [udp(keep), ...multicast],
  'UdpSocket.prototype.leaveMulticast': (keep) => [udp(keep), ...multicast],

  'UnixListener.listen': () => [sys.UnixListener, unixListen()],
  'UnixSeqpacketListener.listen': () => [sys.UnixSeqpacketListener, unixListen()],
  'UnixStream.connect': () => [sys.UnixStream, options({ path: path() })],
  'UnixStream.prototype.sendFds': (keep) => [streams(keep).near, fds(keep), bytes(8)],
  'UnixStream.prototype.receiveFds': (keep) => [streams(keep).near, bytes(8), maxFds, flags],
  'UnixStream.prototype.setCredentials': (keep) => [streams(keep).near, flag(true)],
  'UnixSeqpacket.connect': () => [sys.UnixSeqpacket, options({ path: path() })],
  'UnixSeqpacket.prototype.sendFds': (keep) => [seqpacket(keep), fds(keep), bytes(8)],
  'UnixSeqpacket.prototype.receiveFds': (keep) => [seqpacket(keep), bytes(8), maxFds, flags],
  'UnixSeqpacket.prototype.setCredentials': (keep) => [seqpacket(keep), flag(true)],
  'UnixDatagram.bind': () => [sys.UnixDatagram, options({ path: path() })],
  'UnixDatagram.connect': () => [sys.UnixDatagram, options({ path: path() })],
  'UnixDatagram.prototype.sendTo': (keep) => [datagrams(keep).near, path(), ...slice(8)],
  'UnixDatagram.prototype.receiveMany': (keep) => [
    datagrams(keep).near,
    aBatch(unixBatch, udpBatch),
    optional(integer(1, 1, 2)),
  ],
  'UnixDatagram.prototype.sendMany': (keep) => [
    datagrams(keep).near,
    aBatch(unixBatch, udpBatch),
    integer(0, 0, 2),
    optional(integer(0, 0, 2)),
  ],
  'UnixDatagram.prototype.receiveFrom': (keep) => [datagrams(keep).near, ...slice(8), flags],
  'UnixDatagram.prototype.sendFds': (keep) => [datagrams(keep).near, fds(keep), bytes(8)],
  'UnixDatagram.prototype.receiveFds': (keep) => [datagrams(keep).near, bytes(8), maxFds, flags],
  'UnixDatagram.prototype.setCredentials': (keep) => [datagrams(keep).near, flag(true)],

  'Ioctl.none': () => [sys.Ioctl, ...request],
  'Ioctl.read': () => [sys.Ioctl, ...request, requestSize],
  'Ioctl.write': () => [sys.Ioctl, ...request, requestSize],
  'Ioctl.readWrite': () => [sys.Ioctl, ...request, requestSize],
  ioctl: (keep) => [sys, fd(eventFd(keep).fd), integer(FIONREAD, 0, 2 ** 32 - 1), ioctlArgument],

  close: () => [sys, fd(new sys.EventFd().detach())],
  dup: (keep) => [sys, fd(eventFd(keep).fd)],
  getFlags: (keep) => [sys, fd(eventFd(keep).fd)],
  open: () => [
    sys,
    of('/dev/null', [...notNames, 3, new Uint16Array(1)], ['/\0', Buffer.from('/\0')]),
    optional(integer(0, 0, MAX_INT)),
    optional(integer(0o600, 0, 0o7777)),
  ],
  read: (keep) => [sys, fd(zeros(keep)), ...slice(8), filePosition],
  setNonBlocking: (keep) => [sys, fd(eventFd(keep).fd), flag(true)],
  socketKind: (keep) => [sys, fd(udp(keep).fd)],
  write: (keep) => [sys, fd(zeros(keep)), ...slice(8), filePosition],
};
