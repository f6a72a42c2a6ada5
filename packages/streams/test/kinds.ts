import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventManager,
  EventSet,
  open,
  Pipe,
  PipeReader,
  PipeWriter,
  TcpListener,
  TcpStream,
  UnixStream,
} from '@em/sys';
import type { ByteSink, ByteSource } from '../src/index.js';

/** The two ends of a connection over which bytes go from the one to the other. */
export interface Ends {
  readonly from: ByteSink & { close(): void; readonly closed: boolean };
  readonly to: ByteSource & { close(): void; readonly closed: boolean };
}

function pipe(): Ends {
  const { reader, writer } = Pipe.open();
  return { from: writer, to: reader };
}

function fifo(): Ends {
  const folder = mkdtempSync(join(tmpdir(), 'em-fifo-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const to = PipeReader.adopt(open(path));
  const from = PipeWriter.adopt(open(path, constants.O_WRONLY));
  rmSync(folder, { recursive: true });
  return { from, to };
}

function unixStream(): Ends {
  const [from, to] = UnixStream.pair();
  return { from, to };
}

function tcp(): Ends {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  using manager = new EventManager();
  const from = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  manager.add(listener, EventSet.IN, () => undefined);
  manager.wait();
  const to = listener.accept();
  if (to === undefined) {
    throw new Error('nothing to accept');
  }
  return { from, to };
}

export const KINDS: Readonly<Record<string, () => Ends>> = { pipe, fifo, 'unix stream': unixStream, TCP: tcp };
