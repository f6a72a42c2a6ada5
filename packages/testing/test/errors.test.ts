import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, FakePoller } from '../src/index.js';

const CODES: ErrorCode[] = [
  'EPERM',
  'ENOENT',
  'EINTR',
  'EBADF',
  'EAGAIN',
  'ENOMEM',
  'EEXIST',
  'EINVAL',
  'EMFILE',
  'ENOSPC',
  'EPIPE',
  'ELOOP',
  'ECONNRESET',
];

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test.for(CODES)('%s has the number and the message of Node', (code) => {
    const poller = new FakePoller();
    poller.failNext('wait', code);
    const errno = -constants.errno[code];
    const [, words] = getSystemErrorMap().get(errno) ?? [];
    expect(() => poller.wait(undefined as never, 0)).toThrow(
      expect.objectContaining({ code, errno, message: `${code}: ${words}, epoll_wait` }),
    );
  });
});
