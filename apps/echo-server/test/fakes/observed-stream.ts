import type { FakeUnixStream } from '@em/testing';

/** A stream that counts what is read from it and written to it, and whose writes a test can make short. */
export interface ObservedStream extends FakeUnixStream {
  /** Maximum number of bytes per write. At 0 a write would block. */
  maxWriteBytes: number;
  reads: number;
  bytesRead: number;
  bytesWritten: number;
}

/** Observes a stream. It stays the same object. */
export function observed(stream: FakeUnixStream): ObservedStream {
  const counts = { maxWriteBytes: Number.POSITIVE_INFINITY, reads: 0, bytesRead: 0, bytesWritten: 0 };
  const self: ObservedStream = Object.assign(stream, counts);
  const [read, write] = [stream.read.bind(stream), stream.write.bind(stream)];
  stream.read = (buffer, offset, length) => {
    self.reads++;
    const count = read(buffer, offset, length);
    self.bytesRead += count ?? 0;
    return count;
  };
  stream.write = (buffer, offset = 0, length = buffer.length - offset) => {
    const count = self.maxWriteBytes === 0 ? undefined : write(buffer, offset, Math.min(length, self.maxWriteBytes));
    self.bytesWritten += count ?? 0;
    return count;
  };
  return self;
}
