import { afterEach, expect, test } from 'vitest';
import { type OwnedFd, UdpSocket } from '../../src/index.js';
import { type Keep, pipe } from '../support/file-makers.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { withNumber } from '../support/with-number.js';
import { CALLS } from './calls.js';

type Values = readonly unknown[];

const kept: { close(): void }[] = [];
const keep: Keep = (closable) => {
  kept.push(closable);
  return closable;
};
const METHODS = Object.entries(CALLS).filter(([name]) => name.includes('.prototype.'));
const REFUSED = /^ERR_(EM_CLOSED|INVALID_ARG_TYPE|OUT_OF_RANGE)$/;

expectNoFilesLeftOpen();

afterEach(closeAll);

function closeAll(): void {
  for (const closable of kept.splice(0).reverse()) {
    closable.close();
  }
}

/** An argument that runs `deed` when it is looked at, at whatever place that is. */
function rig(value: unknown, deed: () => void): unknown {
  if (value instanceof Uint8Array) {
    return withGetters(Uint8Array.from(value), deed, [
      'byteLength',
      'length',
      'byteOffset',
      'buffer',
      'slice',
      'subarray',
      'includes',
      'constructor',
      Symbol.iterator,
    ]);
  }
  if (Array.isArray(value)) {
    return withGetters([...value], deed, [0, Symbol.iterator]);
  }
  if (typeof value === 'object' && value !== null) {
    return withGetters({ ...value }, deed, Object.keys(value));
  }
  const primitive = () => [deed(), value][1];
  return { valueOf: primitive, toString: primitive, [Symbol.toPrimitive]: primitive };
}

function withGetters(target: object, deed: () => void, keys: readonly PropertyKey[]): object {
  for (const key of keys) {
    const value: unknown = Reflect.get(target, key);
    Object.defineProperty(target, key, { get: () => [deed(), value][1] });
  }
  return target;
}

test.each(METHODS)(
  '%s() with an argument that closes the object, and makes another with its number, does nothing to that one',
  (name, call) => {
    const { length } = call(keep);
    for (let at = 0; at < length - 1; at++) {
      closeAll();
      const [on, ...takes] = call(keep) as [OwnedFd, ...{ value: unknown }[]];
      const { fd } = on;
      let stranger: OwnedFd | undefined;
      const values: Values = takes.map(({ value }) => value);
      const rigged = rig(values[at], () => {
        if (!on.closed) {
          on.close();
          stranger = withNumber(fd, () => call(keep)[0] as OwnedFd);
        }
      });
      const code = codeOf(() =>
        Reflect.apply(Reflect.get(on, name.split('.').at(-1) ?? name), on, values.with(at, rigged)),
      );
      if (stranger !== undefined) {
        expect([at, code]).toEqual([at, expect.stringMatching(REFUSED)]);
      }
    }
  },
);

function codeOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

test('a datagram is not sent from a socket that was opened while its address was read', () => {
  const local = { host: '127.0.0.1', port: 0 };
  const receiver = keep(UdpSocket.bind(local));
  const sender = keep(UdpSocket.bind(local));
  const { address, port } = receiver.localAddress;
  const to = {
    get address() {
      sender.close();
      keep(UdpSocket.bind(local));
      return address;
    },
    port,
  };
  expect(raises(() => sender.sendTo(to, Uint8Array.of(1))).code).toBe('ERR_EM_CLOSED');
  expect(receiver.receive(new Uint8Array(1))).toBeUndefined();
});

test('bytes are written as far as the array goes, whatever its getters say', () => {
  const { reader, writer } = pipe(keep);
  const bytes = withGetters(Uint8Array.of(1, 2), () => writer.close(), ['byteLength', 'length', 'byteOffset']);
  expect(writer.write(bytes as Uint8Array)).toBe(2);
  expect(reader.read(new Uint8Array(8))).toBe(2);
});
