// Writes to a pipe or socket without a reader, after a handler for SIGPIPE was added and removed, so that the signal
// ends the process. argv: what writes. Prints the errors of the writes, and the signals pending or blocked afterwards.

import { readFileSync } from 'node:fs';
import { EventFd, Pipe, UnixStream, write } from '@em/sys';

const handler = () => undefined;
process.on('SIGPIPE', handler);
process.off('SIGPIPE', handler);

/** Closed at the end, so that the leak guard finds none of them. */
const open = [];
const keep = (...objects) => {
  open.push(...objects);
  return objects;
};

const WRITERS = {
  'PipeWriter.write()': () => {
    const { reader, writer } = Pipe.open();
    reader.close();
    keep(writer);
    return () => writer.write(Buffer.alloc(1));
  },
  'write() to a pipe': () => {
    const { reader, writer } = Pipe.open();
    reader.close();
    keep(writer);
    return () => write(writer.fd, Buffer.alloc(1));
  },
  'write() to a socket': () => {
    const [near, far] = keep(...UnixStream.pair());
    far.close();
    return () => write(near.fd, Buffer.alloc(1));
  },
  'UnixStream.write()': () => {
    const [near, far] = keep(...UnixStream.pair());
    far.close();
    return () => near.write(Buffer.alloc(1));
  },
  'UnixStream.sendFds()': () => {
    const [near, far] = keep(...UnixStream.pair());
    far.close();
    const sent = keep(new EventFd());
    return () => near.sendFds(sent, Buffer.alloc(1));
  },
};

const attempt = WRITERS[process.argv[2]]();
const codes = [0, 1].map(() => {
  try {
    return attempt();
  } catch (error) {
    return error.code;
  }
});
const status = readFileSync('/proc/thread-self/status', 'utf8');
const maskOf = (name) => Number(BigInt(`0x${new RegExp(`^${name}:\t(\\w+)$`, 'm').exec(status)[1]}`) & (1n << 12n));
console.log(JSON.stringify({ codes, pending: maskOf('SigPnd') + maskOf('ShdPnd'), blocked: maskOf('SigBlk') }));
for (const closable of open) {
  closable.close();
}
