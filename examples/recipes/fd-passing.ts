// Passes an open file to another process that cannot open it: here, the write end of a pipe.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EventManager, EventSet, Pipe, PipeWriter, UnixStream } from '@em/sys';

/** The fd of the socket in the child: the one after stdin, stdout and stderr. */
const CHILD_FD = 3;

using manager = new EventManager();
if (process.argv[2] === 'child') {
  receive();
} else {
  await send();
}

async function send(): Promise<void> {
  const [socket, childSocket] = UnixStream.pair();
  const self = fileURLToPath(import.meta.url);
  spawn(process.execPath, [self, 'child'], { stdio: ['ignore', 'inherit', 'inherit', childSocket.fd] });
  childSocket.close();

  const { reader, writer } = Pipe.open();
  socket.sendFds([writer], Buffer.from('write here'));
  // The child gets its own writer. If this one stayed open, the pipe would never end.
  writer.close();
  socket.close();

  const buffer = Buffer.alloc(1024);
  const registration = manager.add(reader, EventSet.IN, () => {
    const length = reader.read(buffer);
    if (length === 0) {
      registration.delete();
      manager.stop();
    } else {
      console.log('the child wrote:', buffer.toString('utf8', 0, length));
    }
  });
  await manager.run();
  reader.close();
}

function receive(): void {
  using socket = UnixStream.adopt(CHILD_FD);
  manager.add(socket, EventSet.IN, () => {
    const buffer = Buffer.alloc(1024);
    const { length = 0, fds = [] } = socket.receiveFds(buffer, 1) ?? {};
    console.log('the parent sent:', buffer.toString('utf8', 0, length));
    for (const fd of fds) {
      using writer = PipeWriter.adopt(fd);
      writer.write(Buffer.from('hello'));
    }
  });
  manager.wait();
}
