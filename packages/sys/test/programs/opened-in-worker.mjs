// A worker that opens a FIFO many times, and closes it each time before it is terminated. workerData: how to open it.

import { constants, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { close, OwnedFd, open, PipeReader, PipeWriter } from '@em/sys';

const { path, way, count } = workerData;
const { O_RDWR, O_NONBLOCK } = constants;

class AnyFd extends OwnedFd {}

/** Each function opens the FIFO, and returns a function that closes it. */
const WAYS = {
  'PipeReader.adopt(fs.openSync())': () => closer(PipeReader.adopt(openSync(path, O_RDWR | O_NONBLOCK))),
  'PipeWriter.adopt(fs.openSync())': () => closer(PipeWriter.adopt(openSync(path, O_RDWR | O_NONBLOCK))),
  'a class of the user': () => closer(new AnyFd(openSync(path, O_RDWR | O_NONBLOCK))),
  'detach() after fs.openSync()': () => numberCloser(PipeReader.adopt(openSync(path, O_RDWR | O_NONBLOCK)).detach()),
  'PipeReader.adopt(open())': () => closer(PipeReader.adopt(open(path, O_RDWR))),
  'open()': () => numberCloser(open(path, O_RDWR)),
};

const closer = (fdObject) => () => fdObject.close();
const numberCloser = (fd) => () => close(fd);

const opened = Array.from({ length: count }, () => WAYS[way]());
for (const closeOne of opened) {
  closeOne();
}
parentPort.once('message', () => undefined);
parentPort.postMessage('closed');
