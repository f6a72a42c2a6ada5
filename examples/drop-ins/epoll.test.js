import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

/** @type {import('epoll')} */
const { Epoll } = createRequire(import.meta.url)('epoll');
/** @type {string} */
let folder;
/** @type {number} */
let fifo;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'epoll-'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  fifo = openSync(join(folder, 'fifo'), constants.O_RDWR | constants.O_NONBLOCK);
});

afterEach(() => {
  closeSync(fifo);
  rmSync(folder, { recursive: true });
});

test('the callback is called until the FIFO is read', async () => {
  let calls = 0;
  writeSync(fifo, 'hello');
  await new Promise((resolve) => {
    const poller = new Epoll((error, fd, events) => {
      assert.deepEqual([error, fd, events], [null, fifo, Epoll.EPOLLIN]);
      calls++;
      if (calls === 3) {
        readSync(fd, Buffer.alloc(9));
        poller.remove(fd).close();
        resolve(undefined);
      }
    });
    assert.equal(poller.add(fifo, Epoll.EPOLLIN), poller);
  });
});

/**
 * Returns the number of calls for an fd that is not read, until another fd, level-triggered, was reported four times.
 *
 * @param {number} events
 * @param {(poller: InstanceType<typeof Epoll>) => void} onEvents
 */
async function callsFor(events, onEvents) {
  const level = openSync(join(folder, 'fifo'), constants.O_RDONLY | constants.O_NONBLOCK);
  const calls = { events: 0, level: 0 };
  writeSync(fifo, 'hello');
  await new Promise((resolve) => {
    const poller = new Epoll((_, fd) => {
      calls[fd === level ? 'level' : 'events']++;
      if (fd !== level) {
        onEvents(poller);
      } else if (calls.level === 4) {
        poller.close();
        resolve(undefined);
      }
    });
    poller.add(fifo, events).add(level, Epoll.EPOLLIN);
  });
  closeSync(level);
  return calls.events;
}

test('an edge is reported once', async () => {
  assert.equal(await callsFor(Epoll.EPOLLIN | Epoll.EPOLLET, () => undefined), 1);
});

test('a ONESHOT is reported once, and again after modify', async () => {
  const events = Epoll.EPOLLIN | Epoll.EPOLLONESHOT;
  assert.equal(await callsFor(events, () => undefined), 1);
  assert.ok((await callsFor(events, (poller) => poller.modify(fifo, events))) > 1);
});

test('an fd that is added twice, or removed twice, throws', () => {
  const poller = new Epoll(() => undefined);
  poller.add(fifo, Epoll.EPOLLIN);
  assert.throws(() => poller.add(fifo, Epoll.EPOLLIN));
  poller.remove(fifo);
  assert.throws(() => poller.remove(fifo));
  assert.equal(poller.closed, false);
  poller.close();
  assert.equal(poller.closed, true);
});

test('a callback that throws causes an uncaught exception, and is called again; the end of all ends the process', () => {
  const program = `
    let exceptions = 0;
    process.on('uncaughtException', ({ message }) => {
      console.log(message);
      exceptions++;
      if (exceptions === 2) poller.remove(0);
    });
    const poller = new (require('epoll').Epoll)(() => { throw new Error('thrown'); });
    poller.add(0, 1);`;
  writeSync(fifo, 'hello');
  const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: import.meta.dirname, stdio: [fifo, 'pipe'] });
  assert.equal(`${stdout}`, 'thrown\nthrown\n');
});
