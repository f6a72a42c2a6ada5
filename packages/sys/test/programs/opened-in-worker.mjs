// A worker that opens a FIFO many times in the way that workerData names, and closes each before it is terminated.

import { constants, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { close, OwnedFd, open, PipeReader, PipeWriter } from '@em/sys';

const { path, way, count } = workerData;
const { O_RDWR, O_NONBLOCK } = constants;

class AnyFd extends OwnedFd {}

/** Opens the FIFO, and returns what closes it. */
const WAYS = {
  'new PipeReader(fs.openSync())': () => closer(new PipeReader(openSync(path, O_RDWR | O_NONBLOCK))),
  'new PipeWriter(fs.openSync())': () => closer(new PipeWriter(openSync(path, O_RDWR | O_NONBLOCK))),
  'a class of the user': () => closer(new AnyFd(openSync(path, O_RDWR | O_NONBLOCK))),
  'detach() after fs.openSync()': () => numberCloser(new PipeReader(openSync(path, O_RDWR | O_NONBLOCK)).detach()),
  'new PipeReader(open())': () => closer(new PipeReader(open(path, O_RDWR))),
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
