import { FakePoller } from '@em/testing';
import { describe, expect, test } from 'vitest';
import { EventManager, EventSet, Pipe } from '../../src/index.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';

interface AnyPipe {
  readonly reader: {
    readonly fd: number;
    read(buffer: Uint8Array, offset?: number, length?: number): number | undefined;
    close(): void;
  };
  readonly writer: {
    readonly fd: number;
    write(buffer: Uint8Array, offset?: number, length?: number): number | undefined;
    close(): void;
  };
}

describe.each<[string, () => AnyPipe]>([
  ['a pipe', () => Pipe.open()],
  ['its fake', () => new FakePoller().pipe()],
])('%s', (_, open) => {
  test('carries the given part of a buffer to the other end, and ends when the writer is closed', () => {
    const { reader, writer } = open();
    const into = Buffer.alloc(8, '.');
    expect(reader.read(into)).toBeUndefined();
    expect(writer.write(Buffer.from('--hello--'), 2, 5)).toBe(5);
    expect(reader.read(into, 1, 3)).toBe(3);
    expect(reader.read(into, 5)).toBe(2);
    expect(into.toString()).toBe('.hel.lo.');
    writer.close();
    expect(reader.read(into)).toBe(0);
    reader.close();
  });

  test('takes as many bytes as there is room for, and at most 4,096 bytes as a whole', () => {
    const { reader, writer } = open();
    expect(writer.write(new Uint8Array(65_535))).toBe(65_535);
    expect(writer.write(new Uint8Array(2))).toBeUndefined();
    expect(writer.write(new Uint8Array(1))).toBe(1);
    expect(reader.read(new Uint8Array(4096))).toBe(4096);
    expect(writer.write(new Uint8Array(8192))).toBe(4096);
    reader.close();
    writer.close();
  });

  test('throws EPIPE from write() without a reader', () => {
    const { reader, writer } = open();
    reader.close();
    expect(raises(() => writer.write(new Uint8Array(1)))).toMatchObject({ code: 'EPIPE', syscall: 'write' });
    writer.close();
  });

  test('refuses a part beyond the buffer', () => {
    const { reader, writer } = open();
    const bytes = new Uint8Array(8);
    for (const [offset, length] of [
      [9, 0],
      [4, 5],
      [-1, 1],
    ] as const) {
      expect(raises(() => reader.read(bytes, offset, length)).code).toBe('ERR_OUT_OF_RANGE');
      expect(raises(() => writer.write(bytes, offset, length)).code).toBe('ERR_OUT_OF_RANGE');
    }
    reader.close();
    writer.close();
  });
});

test('a reader reports bytes by IN, and the end by HANG_UP alone', () => {
  using manager = new EventManager();
  const { reader, writer } = Pipe.open();
  const seen: string[] = [];
  manager.add(reader, EventSet.IN, (events) => {
    seen.push(EventSet.format(events));
    reader.read(new Uint8Array(8));
  });
  writer.write(new Uint8Array(1));
  manager.wait(0);
  writer.close();
  manager.wait(0);
  manager.close();
  reader.close();
  expect(seen).toEqual(['IN', 'HANG_UP']);
});

test('each end of a pipe is closed separately, and then throws ERR_EM_CLOSED', async () => {
  const before = openFiles();
  const { reader, writer } = Pipe.open();
  await expectOpened(before, 2);
  reader.close();
  reader.close();
  expect(raises(() => reader.read(new Uint8Array(1))).code).toBe('ERR_EM_CLOSED');
  expect(writer.closed).toBe(false);
  writer.close();
  expect(raises(() => writer.write(new Uint8Array(1))).code).toBe('ERR_EM_CLOSED');
  await expectOpened(before);
});
