// Reports the first event: IN of random(4), which can always be read.

import { openSync } from 'node:fs';
import npmEpoll from 'epoll';

const { Epoll } = npmEpoll;
const epoll = new Epoll((_error, fd) => {
  epoll.remove(fd);
  console.log('ready');
});
epoll.add(openSync('/dev/random', 'r'), Epoll.EPOLLIN);
