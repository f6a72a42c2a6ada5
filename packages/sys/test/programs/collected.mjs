// Collects garbage while only its own run() holds a manager. Then makes one of its fds ready.

import { EventFd, EventManager, EventSet, write } from '@em/sys';

const fd = runAndForget();
setTimeout(() => {
  gc();
  write(fd, new Uint8Array(new BigUint64Array([1n]).buffer));
});

function runAndForget() {
  const manager = new EventManager();
  const eventFd = new EventFd();
  manager.add(eventFd, EventSet.IN, () => {
    console.log('served', eventFd.read());
    manager.close();
  });
  manager.run();
  return eventFd.fd;
}
