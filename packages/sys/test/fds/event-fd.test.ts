import { expect, test } from 'vitest';
import { dup, EventFd, EventManager, EventSet, setNonBlocking } from '../../src/index.js';
import { raises } from '../support/raises.js';
import { withNumber } from '../support/with-number.js';

const MAX = 2n ** 64n - 2n;

test('read() takes the count, and returns undefined when it is 0', () => {
  using eventFd = new EventFd(3);
  eventFd.write();
  expect(eventFd.read()).toBe(4n);
  expect(eventFd.read()).toBeUndefined();
});

test('in semaphore mode, read() takes 1', () => {
  using eventFd = new EventFd(2, { semaphore: true });
  eventFd.write(1n);
  expect([eventFd.read(), eventFd.read(), eventFd.read(), eventFd.read()]).toEqual([1n, 1n, 1n, undefined]);
});

test.each([[true, 1n] as const, [false, 3n] as const])('adopt() keeps the mode: semaphore %s', (semaphore, taken) => {
  using eventFd = EventFd.adopt(new EventFd(3, { semaphore }).detach());
  expect(eventFd.read()).toBe(taken);
});

test('an adopted eventfd that is full does not block, though its former owner made it blocking', () => {
  using former = new EventFd();
  former.write(MAX);
  using eventFd = EventFd.adopt(dup(former.fd));
  setNonBlocking(former.fd, false);
  expect(eventFd.write()).toBe(false);
});

test('write() without room changes nothing and returns false', () => {
  using eventFd = new EventFd();
  expect(eventFd.write(MAX)).toBe(true);
  expect(eventFd.write(1n)).toBe(false);
  expect(eventFd.read()).toBe(MAX);
});

test('IN is reported while it is above 0, OUT while there is room', () => {
  using manager = new EventManager();
  using eventFd = new EventFd();
  const seen: string[] = [];
  manager.add(eventFd, EventSet.IN | EventSet.OUT, (events) => {
    seen.push(EventSet.format(events));
  });
  manager.wait(0);
  eventFd.write(MAX);
  manager.wait(0);
  expect(seen).toEqual(['OUT', 'IN']);
});

test.each([
  ['1', 'ERR_INVALID_ARG_TYPE'],
  [1n, 'ERR_INVALID_ARG_TYPE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [2 ** 32, 'ERR_OUT_OF_RANGE'],
  [Number.NaN, 'ERR_OUT_OF_RANGE'],
])('an initial value of %s is refused with %s', (initial, code) => {
  expect(raises(() => new EventFd(initial as number)).code).toBe(code);
});

test.each([
  [1, 'ERR_INVALID_ARG_TYPE'],
  [-1n, 'ERR_OUT_OF_RANGE'],
  [2n ** 64n - 1n, 'ERR_OUT_OF_RANGE'],
])('write(%s) is refused with %s, and the count stays', (value, code) => {
  using eventFd = new EventFd(5);
  expect(raises(() => eventFd.write(value as bigint)).code).toBe(code);
  expect(eventFd.read()).toBe(5n);
});

test('a closed EventFd has no fd, and a second close() does nothing', () => {
  const eventFd = new EventFd();
  const { fd } = eventFd;
  eventFd.close();
  using other = withNumber(fd, () => new EventFd());
  eventFd.close();
  expect(other.write()).toBe(true);
  expect(eventFd.closed).toBe(true);
  expect(raises(() => eventFd.fd).code).toBe('ERR_EM_CLOSED');
  expect(raises(() => eventFd.read()).code).toBe('ERR_EM_CLOSED');
  expect(raises(() => eventFd.write()).code).toBe('ERR_EM_CLOSED');
});
