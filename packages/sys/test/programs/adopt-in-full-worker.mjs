// Adopts a FIFO in a worker that has no fd left for the duplicate it needs. Run it with a low limit of open files.

import { openSync } from 'node:fs';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { close, dup, getFlags, PipeReader, setNonBlocking } from '@em/sys';

const O_RDWR = 2;

if (parentPort === null) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  worker.on('message', (report) => console.log(JSON.stringify(report)));
} else {
  const fd = openSync(workerData, O_RDWR);
  setNonBlocking(fd, false);
  const before = getFlags(fd);
  const others = fill(fd);
  const code = codeOf(() => PipeReader.adopt(fd));
  const after = getFlags(fd);
  for (const other of others) {
    close(other);
  }
  parentPort.postMessage({ code, before, after, adopted: getFlags(PipeReader.adopt(fd).fd) });
}

/** Duplicates an fd until there are too many open files. */
function fill(fd) {
  const made = [];
  while (codeOf(() => made.push(dup(fd))) === undefined) {
    // There is room for another.
  }
  return made;
}

function codeOf(call) {
  try {
    call();
    return undefined;
  } catch ({ code }) {
    return code;
  }
}
