import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AnySocket, Socket, UdpSocket } from '../../src/index.js';
import { addonPath } from '../support/addon-path.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

expectNoFilesLeftOpen();

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = Socket.constants;
/** From <asm-generic/socket.h>. */
const SO_PEEK_OFF = 42;
const SO_GET_FILTER = 26;
const sweepProgram = fileURLToPath(new URL('../programs/option-sweep.cjs', import.meta.url));

test('an option with a negative value returns it, not an error', () => {
  using socket = AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  for (const value of [5, -1, 0]) {
    socket.setOption(SOL_SOCKET, SO_PEEK_OFF, value);
    expect(socket.getOption(SOL_SOCKET, SO_PEEK_OFF)).toBe(value);
  }
});

test('an option without a value returns 0, not the value read before', () => {
  const SO_BINDTODEVICE = 25;
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(socket.getOption(SOL_SOCKET, Socket.constants.SO_RCVBUF)).toBeGreaterThan(0);
  expect(socket.getOption(SOL_SOCKET, SO_BINDTODEVICE)).toBe(0);
});

test('an unknown option throws ENOPROTOOPT', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const error = { code: 'ENOPROTOOPT', fd: socket.fd };
  expect(raises(() => socket.getOption(SOL_SOCKET, 9999))).toMatchObject({ ...error, syscall: 'getsockopt' });
  expect(raises(() => socket.setOption(SOL_SOCKET, 9999, 0))).toMatchObject({ ...error, syscall: 'setsockopt' });
});

test('getOptionBytes() writes no more bytes than fit in the buffer', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const bytes = new Uint8Array(8).fill(7);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, bytes.subarray(2, 4))).toBe(2);
  expect([bytes[1], bytes[4]]).toEqual([7, 7]);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, new Uint8Array(0))).toBe(0);
});

test('the constants of sockets cannot be changed', () => {
  expect(Object.isFrozen(Socket.constants)).toBe(true);
});

describe('an option that lets the kernel access memory outside of its value', () => {
  const IP_MSFILTER = 41;

  test.each([
    ['TCP_ZEROCOPY_RECEIVE', 6, 35],
    ['SCTP_SOCKOPT_CONNECTX3', 132, 111],
    ['MPTCP_FULL_INFO', 284, 4],
    ['EBT_SO_GET_ENTRIES', 0, 129],
  ])('is refused by name when it is read: %s', (name, level, option) => {
    using socket = AnySocket.open({ family: AF_INET, type: SOCK_STREAM });
    const refusal = { code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining(name) };
    expect(raises(() => socket.getOptionBytes(level, option, new Uint8Array(64)))).toMatchObject(refusal);
    expect(raises(() => socket.getOption(level, option))).toMatchObject(refusal);
  });

  test.each([
    ['SO_ATTACH_FILTER', 1, 26],
    ['SO_ATTACH_REUSEPORT_CBPF', 1, 51],
    ['PACKET_FANOUT_DATA', 263, 22],
    ['XDP_UMEM_REG', 283, 4],
    ['IPT_SO_SET_REPLACE', 0, 64],
    ['IP6T_SO_SET_REPLACE', 41, 64],
    ['RDS_GET_MR', 276, 2],
  ])('is refused by name when it is set: %s', (name, level, option) => {
    using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
    const refusal = { code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining(name) };
    expect(raises(() => socket.setOption(level, option, new Uint8Array(16)))).toMatchObject(refusal);
    expect(raises(() => socket.setOption(level, option, 1))).toMatchObject(refusal);
  });

  // A small Buffer is a part of a pool that other Buffers share.
  describe.each([
    ['a Uint8Array', (bytes: number) => new Uint8Array(bytes)],
    ['a Buffer of the pool', (bytes: number) => Buffer.allocUnsafe(bytes).fill(0)],
    ['shared memory', (bytes: number) => new Uint8Array(new SharedArrayBuffer(bytes))],
  ])('with a count of more entries than fit, in %s', (_, make) => {
    test.each([
      ['IP_MSFILTER', 0, 41, 12, 16 + 2 * 4, 2],
      ['MCAST_MSFILTER', 0, 48, 140, 144 + 2 * 128, 2],
      ['MCAST_MSFILTER of IPv6', 41, 48, 140, 144 + 2 * 128, 2],
      ['TCP_AO_GET_KEYS, whose entries are as long as the value', 6, 41, 272, 304, 1],
    ])('is refused: %s', (_name, level, option, countAt, bytes, room) => {
      using socket = AnySocket.open({ family: AF_INET, type: SOCK_STREAM });
      const into = make(bytes);
      const count = new DataView(into.buffer, into.byteOffset + countAt);
      for (const tooMany of [room + 1, 0xffff_ffff]) {
        count.setUint32(0, tooMany, true);
        expect(raises(() => socket.getOptionBytes(level, option, into))).toMatchObject({
          code: 'ERR_OUT_OF_RANGE',
          message: expect.stringContaining(`a count of at most ${room}`),
        });
      }
      count.setUint32(0, room, true);
      expect(raises(() => socket.getOptionBytes(level, option, into))).toMatchObject({ syscall: 'getsockopt' });
    });
  });

  test('is refused if its value ends within a count that is already too large', () => {
    using socket = AnySocket.open({ family: AF_INET, type: SOCK_STREAM });
    const into = new Uint8Array(273);
    into[272] = 2;
    expect(raises(() => socket.getOptionBytes(6, 41, into))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  test('still works if its count fits: the sources of a multicast group', () => {
    using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
    const [group, local, source] = [
      [232, 1, 1, 1],
      [127, 0, 0, 1],
      [127, 0, 0, 9],
    ];
    const IP_ADD_SOURCE_MEMBERSHIP = 39;
    socket.setOption(0, IP_ADD_SOURCE_MEMBERSHIP, Uint8Array.of(...group, ...local, ...source));
    const into = Buffer.allocUnsafe(16 + 2 * 4).fill(0);
    into.set([...group, ...local]);
    into.writeUInt32LE(2, 12);
    expect(socket.getOptionBytes(0, IP_MSFILTER, into)).toBe(16 + 4);
    expect(into.readUInt32LE(12)).toBe(1);
    expect([...into.subarray(16, 20)]).toEqual(source);
  });

  test('writes no more bytes than fit, even if the kernel counts in other units: SO_GET_FILTER', () => {
    using socket = AnySocket.open({ family: AF_INET, type: SOCK_DGRAM });
    const acceptAll = [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    socket.attachFilter(Uint8Array.from(Array(4).fill(acceptAll).flat()));
    expect(() => socket.getOption(SOL_SOCKET, SO_GET_FILTER)).not.toThrow();
    const around = new Uint8Array(64).fill(7);
    expect(socket.getOptionBytes(SOL_SOCKET, SO_GET_FILTER, around.subarray(8, 40))).toBe(4);
    expect([...around.subarray(8, 40)]).toEqual(Array(4).fill(acceptAll).flat());
    expect([around[7], around[40]]).toEqual([7, 7]);
  });

  test('is not among all options that any kind of socket lets you read, by size and content', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [sweepProgram, addonPath], { timeout: 120_000 });
    const { calls, taken } = JSON.parse(stdout);
    expect(calls).toBeGreaterThan(100_000);
    expect(taken).toBeGreaterThan(1_000);
  }, 120_000);
});
