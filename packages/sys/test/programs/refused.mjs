// Tries what needs system calls that may be refused, and prints the outcomes. Fd 3 is a pidfd.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { EventFd, EventManager, EventSet, PidFd, Pipe } from '@em/sys';

const errorOf = (call) => {
  try {
    return call();
  } catch ({ code, syscall, message }) {
    return { code, syscall, message };
  }
};

const pidFd = PidFd.adopt(3);
const manager = new EventManager();
const counter = new EventFd();
manager.add(counter, EventSet.IN, () => counter.read());
const startNs = process.hrtime.bigint();
const timedOut = manager.wait(1.5);
const waitedNs = process.hrtime.bigint() - startNs;
counter.write(2n);
const { reader, writer } = Pipe.open();
writer.write(Buffer.from('bytes'));
const bytes = Buffer.alloc(8);
const child = spawn('true');
const [exitCode] = await once(child, 'exit');
console.log(
  JSON.stringify({
    timedOut,
    waitedEnough: waitedNs >= 1_500_000n,
    reported: manager.wait(1.5),
    empty: counter.read() === undefined,
    read: reader.read(bytes),
    blocked: reader.read(bytes) === undefined,
    printed: execFileSync('echo', ['child'], { encoding: 'utf8' }),
    exitCode,
    pidFd: errorOf(() => new PidFd(process.pid)),
    signal: errorOf(() => pidFd.sendSignal(0)),
  }),
);
for (const closable of [manager, counter, reader, writer, pidFd]) {
  closable.close();
}
