// Loaded into the server by --import with --expose-gc. When it reads a line, it collects the garbage of all threads, so
// that only memory in use is measured, and prints the memory of the main thread. It is JavaScript, so that no compiler is
// loaded into the server.

import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const channel = new BroadcastChannel('collect');
channel.onmessage = () => globalThis.gc?.();
channel.unref();
if (isMainThread) {
  process.stdin.on('data', () => {
    channel.postMessage(undefined);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ keptBytes: heapUsed + external }));
  });
  process.stdin.unref();
}
