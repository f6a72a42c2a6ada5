import { execFileSync } from 'node:child_process';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ON_ADD, type Registration } from '@em/core';
import {
  close,
  EventManager,
  EventSet,
  Ioctl,
  ioctl,
  open,
  Pipe,
  PipeReader,
  PipeWriter,
  read,
  TcpListener,
  TcpStream,
  UnixSeqpacket,
  UnixStream,
  write,
} from '@em/sys';
import type { ByteSink, ByteSource, MessageSink, MessageSource } from '../src/index.js';

interface Closable {
  close(): void;
  readonly closed: boolean;
}

/** The two ends of a connection over which bytes go from one end to the other. */
export interface Ends {
  readonly from: ByteSink & Closable;
  readonly to: ByteSource & Closable;
}

type ByteEnd = Ends['from'] & Ends['to'];
type MessageEnd = MessageSink & MessageSource & Closable;

/** Both ends send and receive. */
export interface BothWays<End = ByteEnd | MessageEnd> {
  readonly from: End;
  readonly to: End;
}

function pipe(): Ends {
  const { reader, writer } = Pipe.open();
  return { from: writer, to: reader };
}

/** asm-generic/fcntl.h. Such an fd keeps a file that has no path any more, and neither reads nor writes. */
const O_PATH = 0o10_000_000;

/** The one FIFO of this process: it is empty whenever it is closed. */
const FIFO = makeFifo();

function makeFifo(): string {
  const folder = mkdtempSync(join(tmpdir(), 'em-fifo-'));
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const fd = open(path, O_PATH);
  rmSync(folder, { recursive: true });
  return `/proc/self/fd/${fd}`;
}

function fifo(): Ends {
  const to = PipeReader.adopt(open(FIFO));
  return { from: PipeWriter.adopt(open(FIFO, constants.O_WRONLY)), to };
}

function unixStream(): BothWays<ByteEnd> {
  const [from, to] = UnixStream.pair();
  return { from, to };
}

function seqpacket(): BothWays<MessageEnd> {
  const [from, to] = UnixSeqpacket.pair();
  return { from, to };
}

function tcp(): BothWays<ByteEnd> {
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

/** One end of a pty. */
class PtyEnd {
  readonly fd: number;
  closed: boolean = false;
  #registration: Registration | undefined;

  constructor(fd: number) {
    this.fd = fd;
  }

  read(buffer: Uint8Array, offset?: number, length?: number): number | undefined {
    return read(this.fd, buffer, offset, length);
  }

  write(buffer: Uint8Array, offset?: number, length?: number): number | undefined {
    return write(this.fd, buffer, offset, length);
  }

  [ON_ADD](registration: Registration): void {
    this.#registration = registration;
  }

  close(): void {
    if (!this.closed) {
      this.closed = true;
      this.#registration?.delete();
      close(this.fd);
    }
  }
}

/** A pty that changes no byte. The program in it sends, and its master receives. */
function pty(): BothWays<ByteEnd> {
  const { O_NOCTTY, O_NONBLOCK, O_RDWR } = constants;
  const TCGETS = 0x5401;
  const TCSETS = 0x5402;
  const master = open('/dev/ptmx', O_RDWR | O_NOCTTY);
  ioctl(master, Ioctl.write('T', 0x31, 4), new Uint8Array(4)); // TIOCSPTLCK
  const slave = ioctl(master, Ioctl.none('T', 0x41), O_RDWR | O_NOCTTY | O_NONBLOCK); // TIOCGPTPEER
  const termios = new Uint32Array(9);
  const bytes = new Uint8Array(termios.buffer);
  ioctl(slave, TCGETS, bytes);
  // Neither translate nor echo: c_iflag, c_oflag and c_lflag.
  termios[0] = termios[1] = termios[3] = 0;
  ioctl(slave, TCSETS, bytes);
  return { from: new PtyEnd(slave), to: new PtyEnd(master) };
}

/** Kinds of connections that carry bytes. */
export const KINDS: Readonly<Record<string, () => Ends>> = { pipe, fifo, 'unix stream': unixStream, pty, TCP: tcp };

/** Kinds of connections whose ends both send and receive, bytes or messages. */
export const BOTH_WAYS: Readonly<Record<string, () => BothWays>> = {
  'unix stream': unixStream,
  'seqpacket socket': seqpacket,
  pty,
  TCP: tcp,
};
