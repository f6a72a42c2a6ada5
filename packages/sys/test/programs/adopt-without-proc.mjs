// Adopts an eventfd, a timerfd and a pipe as an EventFd, in a mount namespace where /proc is empty.

import { existsSync } from 'node:fs';
import { EventFd, Pipe, TimerFd } from '@em/sys';

const found = [new EventFd().detach(), new TimerFd().detach(), Pipe.open().reader.detach()];
const outcomes = found.map((fd) => {
  try {
    return EventFd.adopt(fd).fd === fd;
  } catch ({ code, message }) {
    return `${code} ${message.replace(fd, 'N')}`;
  }
});
console.log(JSON.stringify([existsSync('/proc/self'), ...outcomes]));
