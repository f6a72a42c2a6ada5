import { constants } from 'node:fs';
import { constants as os } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { byteLengthOf } from '../../src/arguments/check.js';
import { close, EventFd, Ioctl, ioctl, open, Pipe, UdpSocket, UnixStream } from '../../src/index.js';
import { SIZES } from '../../src/ioctl/argument-sizes.js';
import { WITH_ADDRESS } from '../../src/ioctl/requests-with-addresses.js';
import { memoryOf, oddArrays, withMargins } from '../native-calls/arrays.js';
import { isMemory } from '../native-calls/cases.js';

/** How long requests are tried: for a moment, or for as long as `pnpm fuzz` sets. */
const seconds = Number(process.env['EM_FUZZ_SECONDS'] ?? 0);
const effort: fc.Parameters<unknown> =
  seconds === 0 ? { numRuns: 2_000 } : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000 };
const timeout = 60_000 + seconds * 1_000;

const TIOCSPTLCK = Ioctl.write('T', 0x31, 4);
const TIOCGPTPEER = Ioctl.none('T', 0x41);
/**
 * Requests that change more than the file: TIOCSCTTY, TIOCCONS, TIOCSETD, TIOCVHANGUP, FIOASYNC (which asks for SIGIO),
 * FIFREEZE, FITHAW.
 */
const NOT_TRIED = new Set([0x540e, 0x541d, 0x5423, 0x5437, 0x5452, 0xc004_5877, 0xc004_5878]);
/** Types of requests to network interfaces. */
const OF_INTERFACES = new Set([0x89, 0x8b]);

const LENGTHS = [0, 1, 3, 4, 8, 36, 40, 44, 255, 4_096, 16_383, 16_384, 65_535, 65_536, 65_537, 200_000];

const files: { readonly fd: number; close(): void }[] = [];

beforeAll(() => {
  const master = open('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  ioctl(master, TIOCSPTLCK, new Uint8Array(4));
  const slave = ioctl(master, TIOCGPTPEER, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const { reader, writer } = Pipe.open();
  const owned = [master, slave, open('/dev/null')].map((fd) => ({ fd, close: () => close(fd) }));
  files.push(...owned, reader, writer, new EventFd(), ...UnixStream.pair());
});

afterAll(() => {
  for (const file of files) {
    file.close();
  }
});

const word = fc.nat(0xffff_ffff);
const byte = fc.nat(0xff);
const request = fc
  .oneof(
    word,
    fc.constantFrom(...SIZES.keys(), ...WITH_ADDRESS.keys()),
    fc.nat(0xffff),
    fc.tuple(fc.nat(3), byte, fc.nat(0x3fff)).map(([direction, number, size]) => {
      const make = [Ioctl.none, Ioctl.write, Ioctl.read, Ioctl.readWrite][direction] ?? Ioctl.none;
      return make('T', number, size);
    }),
  )
  .filter((one) => !NOT_TRIED.has(one) && !OF_INTERFACES.has((one >>> 8) & 0xff));
const integer = fc.oneof(fc.integer(), fc.double(), word, fc.nat(0xffff));
const array = fc.tuple(fc.constantFrom(...LENGTHS), fc.nat(), byte).map(([length, choice, value]) => {
  const arrays = [withMargins(Uint8Array, length), ...oddArrays(Uint8Array, length)];
  const chosen = arrays[choice % arrays.length] as Uint8Array;
  if (byteLengthOf(chosen) > 0) {
    Uint8Array.prototype.fill.call(chosen, value);
  }
  return chosen;
});
const other = fc.constantFrom(null, 'text', 1n, {}, new Uint16Array(8), new DataView(new ArrayBuffer(8)));

const ALLOWED = new Set(['ERR_INVALID_ARG_TYPE', 'ERR_OUT_OF_RANGE', ...Object.keys(os.errno)]);

test('any request with any argument has a result or an error, and touches no memory but the argument', {
  timeout,
}, () => {
  fc.assert(
    fc.property(fc.nat(), request, fc.oneof(array, integer, other), (choice, number, argument) => {
      const fd = files[choice % files.length]?.fd ?? -1;
      const before = isMemory(argument) ? memoryOf(argument).surroundings : '';
      try {
        const result: unknown = Reflect.apply(ioctl, undefined, [fd, number, argument]);
        expect(Number.isInteger(result)).toBe(true);
        if (number === TIOCGPTPEER) {
          close(Number(result));
        }
      } catch (error) {
        expect(ALLOWED, String(error)).toContain(Reflect.get(Object(error), 'code'));
      }
      expect(isMemory(argument) ? memoryOf(argument).surroundings : '').toBe(before);
    }),
    effort,
  );
});

const SIOCETHTOOL = 0x8946;
/** Those that only read: GDRVINFO, GLINK, GSTRINGS, GSSET_INFO, GFEATURES, and one that does not exist. */
const COMMANDS = [0x03, 0x0a, 0x1b, 0x37, 0x3a, 0xffff];

test('an argument with an address can point anywhere, and the kernel touches no other memory', { timeout }, () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const address = fc.oneof(fc.bigInt({ min: 0n, max: 80n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
  const parameters = [array, address, fc.constantFrom(...COMMANDS), fc.nat(40)] as const;
  fc.assert(
    fc.property(...parameters, (argument, at, command, count) => {
      const length = byteLengthOf(argument);
      if (length >= 40) {
        // Zeros, so that no other command can be there than one of the list, or 0, which does not exist.
        const bytes = new Uint8Array(length);
        const view = new DataView(bytes.buffer);
        bytes.set(Buffer.from('lo'));
        view.setBigUint64(16, at, true);
        if (at >= 40n && at + 8n <= BigInt(length)) {
          view.setUint32(Number(at), command, true);
          view.setUint32(Number(at) + 4, count, true);
        }
        Uint8Array.prototype.set.call(argument, bytes);
      }
      const before = memoryOf(argument).surroundings;
      try {
        ioctl(socket.fd, SIOCETHTOOL, argument);
      } catch (error) {
        expect(ALLOWED, String(error)).toContain(Reflect.get(Object(error), 'code'));
      }
      expect(memoryOf(argument).surroundings).toBe(before);
    }),
    seconds === 0 ? { numRuns: 300 } : effort,
  );
});
