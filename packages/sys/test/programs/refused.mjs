// Tries what needs system calls that may be refused, and prints the outcomes. Fd 3 is a pidfd.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { EventFd, EventManager, EventSet, PidFd, Pipe, UdpBatch, UdpSocket } from '@em/sys';

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
const receiver = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
const sender = UdpSocket.connect({ host: '127.0.0.1', port: receiver.localAddress.port });
const batch = new UdpBatch({ capacity: 3, bytesPerDatagram: 8 });
for (const [index, text] of ['one', 'two', 'three'].entries()) {
  batch.put(index, Buffer.from(text));
}
const sent = sender.sendMany(batch, 3);
const received = [];
for (let count = receiver.receiveMany(batch); count; count = receiver.receiveMany(batch)) {
  received.push(Buffer.from(batch.bytesAt(count - 1)).toString());
}
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
    sent,
    received,
    printed: execFileSync('echo', ['child'], { encoding: 'utf8' }),
    exitCode,
    pidFd: errorOf(() => new PidFd(process.pid)),
    signal: errorOf(() => pidFd.sendSignal(0)),
  }),
);
for (const closable of [manager, counter, reader, writer, receiver, sender, pidFd]) {
  closable.close();
}
