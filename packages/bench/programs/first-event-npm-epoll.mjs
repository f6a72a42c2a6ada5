// Says when there is the first event: that random(4) can be read, which is so at any time.

import { openSync } from 'node:fs';
import npmEpoll from 'epoll';

const { Epoll } = npmEpoll;
const epoll = new Epoll((_error, fd) => {
  epoll.remove(fd);
  console.log('ready');
});
epoll.add(openSync('/dev/random', 'r'), Epoll.EPOLLIN);
