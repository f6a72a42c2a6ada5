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
/** Of <asm-generic/socket.h>. */
const SO_PEEK_OFF = 42;
const SO_GET_FILTER = 26;
const sweepProgram = fileURLToPath(new URL('../programs/option-sweep.cjs', import.meta.url));

test('a negative value is a value, and no errno', () => {
  using socket = AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  for (const value of [5, -1, 0]) {
    socket.setOption(SOL_SOCKET, SO_PEEK_OFF, value);
    expect(socket.getOption(SOL_SOCKET, SO_PEEK_OFF)).toBe(value);
  }
});

test('of one that has no value, nothing of the one before is got', () => {
  const SO_BINDTODEVICE = 25;
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(socket.getOption(SOL_SOCKET, Socket.constants.SO_RCVBUF)).toBeGreaterThan(0);
  expect(socket.getOption(SOL_SOCKET, SO_BINDTODEVICE)).toBe(0);
});

test('one that there is not is ENOPROTOOPT', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const error = { code: 'ENOPROTOOPT', fd: socket.fd };
  expect(raises(() => socket.getOption(SOL_SOCKET, 9999))).toMatchObject({ ...error, syscall: 'getsockopt' });
  expect(raises(() => socket.setOption(SOL_SOCKET, 9999, 0))).toMatchObject({ ...error, syscall: 'setsockopt' });
});

test('no more is filled than there is room for', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const bytes = new Uint8Array(8).fill(7);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, bytes.subarray(2, 4))).toBe(2);
  expect([bytes[1], bytes[4]]).toEqual([7, 7]);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, new Uint8Array(0))).toBe(0);
});

test('constants cannot be changed', () => {
  expect(Object.isFrozen(Socket.constants)).toBe(true);
});

describe('an option by which the kernel would reach memory that is not the value’s', () => {
  const IP_MSFILTER = 41;
  const MCAST_MSFILTER = 48;

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

  test.each([
    [0, IP_MSFILTER, 16, 12, 4],
    [0, MCAST_MSFILTER, 144, 140, 128],
    [41, MCAST_MSFILTER, 144, 140, 128],
  ])(
    'is refused when its count says more than there is room for: (%i, %i)',
    (level, option, header, countAt, entry) => {
      using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
      const into = new Uint8Array(header + 2 * entry);
      new DataView(into.buffer).setUint32(countAt, 3, true);
      expect(raises(() => socket.getOptionBytes(level, option, into))).toMatchObject({
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringContaining(`at least ${header + 3 * entry} bytes`),
      });
      new DataView(into.buffer).setUint32(countAt, 2, true);
      expect(raises(() => socket.getOptionBytes(level, option, into))).toMatchObject({ syscall: 'getsockopt' });
    },
  );

  test('writes no more than there is room for, though the kernel counts in other units: SO_GET_FILTER', () => {
    using socket = AnySocket.open({ family: AF_INET, type: SOCK_DGRAM });
    const acceptAll = [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
    socket.attachFilter(Uint8Array.from(Array(4).fill(acceptAll).flat()));
    expect(() => socket.getOption(SOL_SOCKET, SO_GET_FILTER)).not.toThrow();
    const around = new Uint8Array(64).fill(7);
    expect(socket.getOptionBytes(SOL_SOCKET, SO_GET_FILTER, around.subarray(8, 40))).toBe(4);
    expect([...around.subarray(8, 40)]).toEqual(Array(4).fill(acceptAll).flat());
    expect([around[7], around[40]]).toEqual([7, 7]);
  });

  test('is none of all that can be read of any kind of socket, by size and content', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [sweepProgram, addonPath], { timeout: 120_000 });
    const { calls, taken } = JSON.parse(stdout);
    expect(calls).toBeGreaterThan(100_000);
    expect(taken).toBeGreaterThan(1_000);
  }, 120_000);
});
