// Calls functions whose system calls system-calls.c replaces. argv: what to try. Prints the error, and how many files
// are left open.

import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { close, dup, EpollPoller, EventFd, EventManager, Pipe, UnixStream, Waker } from '@em/sys';
import { countPathlessFiles } from './open-files.mjs';

function codeOf(call) {
  try {
    return call() ?? 'done';
  } catch (error) {
    return error.code;
  }
}

const TRIALS = {
  closes: () => {
    const poller = new EpollPoller();
    const waker = new Waker(poller.waker());
    const { reader, writer } = Pipe.open();
    const eventFd = new EventFd();
    const manager = new EventManager();
    const registration = manager.add(new EventFd(), 1, () => undefined, { own: true });
    const duplicate = dup(eventFd.fd);
    return [
      () => eventFd.close(),
      () => close(duplicate),
      () => reader.close(),
      () => writer.close(),
      () => waker.close(),
      () => poller.close(),
      () => void registration.delete(),
      () => manager.close(),
    ].map(codeOf);
  },
  makes: () => [() => new EventFd(), () => Pipe.open(), () => UnixStream.pair(), () => new EventManager()].map(codeOf),
  'a high number': () => {
    const native = createRequire(import.meta.url)(process.argv[3]);
    native.enterFd(2 ** 20 + 5);
    native.enterFd(2 ** 21 + 5);
    native.disownFd(2 ** 21 + 5);
    return [2 ** 20 + 5, 5, 2 ** 21 + 5].map((fd) => native.hasFd(fd));
  },
};

if (process.argv[2] === 'closes' || !isMainThread) {
  const trial = TRIALS[isMainThread ? process.argv[2] : workerData];
  const before = countPathlessFiles();
  const outcomes = trial();
  const left = countPathlessFiles() - before;
  if (isMainThread) {
    console.log(JSON.stringify({ outcomes, left }));
  } else {
    parentPort.postMessage({ outcomes, left });
  }
} else {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2], argv: process.argv.slice(2) });
  worker.once('message', (message) => console.log(JSON.stringify(message)));
}
