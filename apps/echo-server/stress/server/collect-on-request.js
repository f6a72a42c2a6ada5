// Loaded beside the server, by --import with --expose-gc: collects the garbage of all its threads whenever a line comes
// in, so that it can be seen what is kept, and not merely what was not collected yet. Says what the main thread keeps.
// JavaScript, so that nothing is loaded into the server to make it that.

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
