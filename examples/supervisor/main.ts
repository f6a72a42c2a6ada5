// Keeps services running until SIGTERM or SIGINT. argv: their names.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { EventManager, PidFd, UnixDatagram } from '@em/sys';
import { Supervisor } from './supervisor.ts';

/** An abstract name: the socket has no file. */
const socketName = `supervisor-${process.pid}`;

const manager = new EventManager();
const supervisor = new Supervisor({
  manager,
  health: UnixDatagram.bind({ path: `\0${socketName}` }),
  spawn: (name) => {
    const args = [join(import.meta.dirname, 'service.ts'), name, socketName];
    return new PidFd(spawn(process.execPath, args, { stdio: 'inherit' }));
  },
  log: console.log,
});

for (const name of process.argv.slice(2)) {
  supervisor.start(name);
}
process.once('SIGTERM', stop).once('SIGINT', stop);
await manager.run({ until: 'empty' });
manager.close();

async function stop(): Promise<void> {
  console.log('stopping');
  await supervisor.stop();
}
