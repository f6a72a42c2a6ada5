// Forgets an open port, collects garbage, and prints the warning when the other end has ended.

import { setImmediate } from 'node:timers/promises';
import { ThreadChannel, ThreadPort } from '@em/sys';

process.on('warning', ({ code, message }) => console.log(code, message));
const { port1, port2 } = new ThreadChannel();
const far = new ThreadPort(port2);
forget();
while (!far.ended) {
  gc();
  far.receive();
  await setImmediate();
}

function forget() {
  new ThreadPort(port1).post('last');
}
