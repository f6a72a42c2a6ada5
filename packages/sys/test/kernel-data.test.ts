import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEpollFdinfo } from '../src/audit/epoll-fdinfo.js';
import { parseInotifyEvents } from '../src/inotify/inotify-event.js';
import { fromIpSockaddr, toIpSockaddr } from '../src/sockets/ip-address.js';
import { fromUnixSockaddr, toUnixSockaddr } from '../src/sockets/unix/unix-address.js';

/** How long each parser is tested: for a moment, or for as long as `pnpm fuzz` sets. */
const seconds = Number(process.env['EM_FUZZ_SECONDS'] ?? 0);
const effort: fc.Parameters<unknown> =
  seconds === 0 ? { numRuns: 2_000 } : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000 };
const timeout = 60_000 + seconds * 1_000;

/** Returns the result of a call, or the code of its error, which must be one of `allowed`. */
function outcomeOf(call: () => unknown, allowed: readonly string[]): unknown {
  try {
    return call();
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code');
    expect(allowed, String(error)).toContain(code);
    return code;
  }
}

/** Puts the bytes between others. */
function amid(bytes: Uint8Array, filler: number): Uint8Array {
  const around = new Uint8Array(bytes.length + 64).fill(filler);
  around.set(bytes, 32);
  return around.subarray(32, 32 + bytes.length);
}

/** Checks that `parse` throws only errors with codes in `allowed`, and does not read beyond the bytes. */
function holds(bytes: fc.Arbitrary<Uint8Array>, parse: (bytes: Uint8Array) => unknown, ...allowed: string[]): void {
  fc.assert(
    fc.property(bytes, (input) => {
      const outcome = outcomeOf(() => parse(amid(input, 0)), allowed);
      expect(outcomeOf(() => parse(amid(input, 0xff)), allowed)).toEqual(outcome);
    }),
    effort,
  );
}

/** Changes one of the bytes, or cuts off the end. */
function spoiled(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(good, fc.nat(), fc.nat(0xff), fc.nat()).map(([bytes, at, value, end]) => {
    const changed = Uint8Array.from(bytes);
    changed[at % (bytes.length + 1)] = value;
    return changed.subarray(0, end % 4 === 0 ? end % (bytes.length + 1) : bytes.length);
  });
}

const inotifyEvent = fc
  .record({ head: fc.uint8Array({ minLength: 12, maxLength: 12 }), name: fc.uint8Array({ maxLength: 40 }) })
  .map(({ head, name }) => {
    const length = new Uint8Array(Uint32Array.of(name.length).buffer);
    return Uint8Array.from([...head, ...length, ...name]);
  });
const inotifyEvents = fc
  .array(inotifyEvent, { maxLength: 6 })
  .map((events) => Uint8Array.from(events.flatMap((e) => [...e])));
const ipAddress = fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(0xffff));
const anyBytes = fc.uint8Array({ maxLength: 200 });

test('any bytes can be parsed as inotify events', { timeout }, () => {
  holds(fc.oneof(anyBytes, spoiled(inotifyEvents)), parseInotifyEvents, 'ERR_OUT_OF_RANGE');
});

test('any bytes can be parsed as an IP address', { timeout }, () => {
  const addresses = ipAddress.map(([host, port]) => toIpSockaddr(host, port));
  holds(fc.oneof(anyBytes, spoiled(addresses)), (bytes) => fromIpSockaddr(bytes), 'EAFNOSUPPORT');
});

test('any bytes can be parsed as a unix address', { timeout }, () => {
  holds(anyBytes, fromUnixSockaddr);
});

test('IP addresses stay the same when they are converted to the form of the kernel and back', { timeout }, () => {
  fc.assert(
    fc.property(ipAddress, ([host, port]) => {
      const sockaddr = toIpSockaddr(host, port);
      const back = fromIpSockaddr(sockaddr);
      expect(back.port).toBe(port);
      expect(toIpSockaddr(back.address, port)).toEqual(sockaddr);
    }),
    effort,
  );
});

test('unix addresses stay the same when they are converted to the form of the kernel and back', { timeout }, () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(name, fc.boolean(), (text, isAbstract) => {
      const path = isAbstract ? `\0${text}` : text;
      expect(fromUnixSockaddr(toUnixSockaddr(path))).toBe(path);
    }),
    effort,
  );
});

test('any text can be parsed as the fdinfo of an epoll instance', { timeout }, () => {
  const number = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.string()).map(String);
  const line = fc
    .array(fc.oneof(fc.constantFrom('tfd:', 'events:', 'data:', 'pos:', 'ino:', 'sdev:', ' ', '\t'), number), {
      maxLength: 14,
    })
    .map((parts) => parts.join(''));
  const text = fc.array(fc.oneof(line, fc.string()), { maxLength: 5 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, (input) => {
      for (const entry of parseEpollFdinfo(input) ?? []) {
        expect(Object.values(entry).every((value) => value === undefined || value >= 0)).toBe(true);
      }
    }),
    effort,
  );
});

test('interests stay the same when they are written as fdinfo and parsed', { timeout }, () => {
  const word = fc.nat(0xffff_ffff);
  const entry = fc.record({ fd: fc.nat(0x7fff_ffff), events: word, generation: word, inode: fc.maxSafeNat() });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      const lines = entries.map(({ fd, events, generation, inode }) => {
        const data = (BigInt(generation) << 32n) | BigInt(fd);
        const kernels = [String(fd).padStart(8), events.toString(16).padStart(8), data.toString(16).padStart(16)];
        return `tfd: ${kernels[0]} events: ${kernels[1]} data: ${kernels[2]}  pos:0 ino:${inode.toString(16)} sdev:0\n`;
      });
      expect(parseEpollFdinfo(`pos:\t0\n${lines.join('')}`)).toEqual(entries.map((given) => ({ ...given, device: 0 })));
    }),
    effort,
  );
});
