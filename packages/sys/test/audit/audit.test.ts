import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, openSync } from 'node:fs';
import { EventManager } from '@em/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readInterests } from '../../src/audit/epoll-fdinfo.js';
import {
  type AuditFinding,
  close,
  dup,
  EpollPoller,
  EventFd,
  EventSet,
  Pipe,
  type Registration,
  write,
} from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { openWithNumber, withNumber } from '../support/with-number.js';

const { EMPTY, IN, OUT, ERROR, HANG_UP, READ_HANG_UP, EXCLUSIVE, WAKE_UP, ONE_SHOT, EDGE_TRIGGERED } = EventSet;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const ignore = (): void => undefined;

let poller: EpollPoller;
let manager: EventManager;
/** An eventfd without an fd object, and a duplicate of it, if the test makes one. */
let fd: number;
let duplicate: number | undefined;

expectNoFilesLeftOpen();

beforeEach(() => {
  poller = new EpollPoller();
  manager = new EventManager({ poller });
  fd = new EventFd().detach();
  duplicate = undefined;
});

afterEach(() => {
  manager.close();
  if (duplicate !== undefined) {
    close(duplicate);
  }
});

/** Closes the eventfd while a duplicate keeps the file open. */
function closeButKeep(): void {
  duplicate = dup(fd);
  close(fd);
}

function audit(): AuditFinding[] {
  return poller.audit(manager);
}

/** Makes the manager rebuild its poller, as it does after an event of an orphan. */
function makeRebuilt(): void {
  using eventFd = new EventFd(1);
  const orphan = dup(eventFd.fd);
  const registration = manager.add(orphan, IN, ignore);
  close(orphan);
  registration.delete();
  manager.wait(0);
  manager.wait(0);
  expect(manager.stats.stale).toBe(1);
}

/** The interest that the kernel should have for the eventfd. */
function kernelHas({ generation }: Registration, events: EventSet): object {
  const { ino, dev } = fstatSync(duplicate ?? fd);
  return { fd, events: (events | ERROR | HANG_UP) >>> 0, generation, inode: ino, device: dev };
}

describe('audit() reports nothing', () => {
  test.each<[trigger: string, events: EventSet]>([
    ['level', IN],
    ['edge', (IN | EDGE_TRIGGERED) >>> 0],
  ])('for a %s-triggered registration whose serial callback is pending', (_trigger, events) => {
    manager.add(fd, events, () => new Promise(ignore), { serial: true });
    write(fd, ONE);
    expect(manager.wait(0)).toBe(1);
    expect(audit()).toEqual([]);
    close(fd);
  });

  test('for registrations with any interest, and for the eventfd of the poller itself', () => {
    const asked = [EMPTY, IN, OUT, IN | READ_HANG_UP, IN | ONE_SHOT, IN | EDGE_TRIGGERED, IN | EXCLUSIVE];
    const fds = asked.map((events) => {
      const eventFd = new EventFd();
      manager.add(eventFd, events, ignore);
      return eventFd;
    });
    manager.add(fd, IN, ignore).modify(OUT | ONE_SHOT);
    expect(audit()).toEqual([]);
    expect(manager.wait(0)).toBe(2);
    manager.delete(fd);
    close(fd);
    for (const eventFd of fds) {
      eventFd.close();
    }
    expect(audit()).toEqual([]);
  });

  test('for a paused registration', () => {
    manager.add(fd, IN, ignore).pause();
    expect(audit()).toEqual([]);
    close(fd);
    expect(audit()).toEqual([]);
  });

  test('for a thousand registrations, and does not change them', () => {
    const pipes = Array.from({ length: 500 }, () => Pipe.open());
    for (const { reader, writer } of pipes) {
      manager.add(reader, IN, ignore);
      manager.add(writer, IN, ignore);
    }
    expect(audit()).toEqual([]);
    for (const { writer } of pipes) {
      writer.write(ONE);
    }
    let called = 0;
    while (called < 500) {
      called += manager.wait(0);
    }
    expect(manager.stats.stale).toBe(0);
    for (const { reader, writer } of pipes) {
      reader.close();
      writer.close();
    }
    close(fd);
  });
});

describe('audit() reports', () => {
  test('an orphan: its number was closed before delete(), and a duplicate keeps it open', () => {
    const registration = manager.add(fd, IN, ignore, { label: 'bell' });
    const kernel = kernelHas(registration, IN);
    closeButKeep();
    registration.delete();
    expect(audit()).toEqual([
      { kind: 'orphan', fd, label: undefined, asked: undefined, kernel, message: expect.any(String) },
    ]);
    expect(audit()[0]?.message).toMatch(
      new RegExp(`^fd ${fd} is watched for IN, but not registered: .* duplicate keeps the file open$`),
    );
  });

  test('an orphan beside a registration of another file that has its number', () => {
    const registration = manager.add(fd, IN, ignore);
    closeButKeep();
    using newcomer = withNumber(fd, () => new EventFd());
    manager.add(newcomer, IN, ignore);
    expect(registration.active).toBe(false);
    expect(audit()).toMatchObject([{ kind: 'orphan', fd, kernel: { generation: registration.generation } }]);
  });

  test('an orphan of a paused registration, which was closed before pause()', () => {
    const registration = manager.add(fd, IN, ignore);
    closeButKeep();
    registration.pause();
    expect(audit()).toMatchObject([{ kind: 'orphan', fd }]);
  });

  test('an orphan that a child process keeps open', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore', fd] });
    await once(child, 'spawn');
    const registration = manager.add(fd, IN, ignore);
    close(fd);
    registration.delete();
    expect(audit()).toMatchObject([{ kind: 'orphan', fd }]);
    child.stdin?.end();
    await once(child, 'exit');
    expect(audit()).toEqual([]);
  });

  test('a registration whose number is closed', () => {
    manager.add(fd, IN | OUT, ignore, { label: 'bell' });
    close(fd);
    expect(audit()).toEqual([
      {
        kind: 'closed',
        fd,
        label: 'bell',
        asked: IN | OUT,
        kernel: undefined,
        message: `fd ${fd} (bell) is registered, but was closed`,
      },
    ]);
  });

  test('a registration whose number is closed and still watched, because a duplicate keeps the file open', () => {
    const registration = manager.add(fd, IN, ignore);
    const kernel = kernelHas(registration, IN);
    closeButKeep();
    expect(audit()).toMatchObject([{ kind: 'closed', fd, asked: IN, kernel }]);
    expect(audit()[0]?.message).toMatch(/a duplicate keeps the file open, and it is still watched$/);
  });

  test('a registration whose number is another file of the same kind', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    using _newcomer = withNumber(fd, () => new EventFd(1));
    expect(audit()).toMatchObject([{ kind: 'reused', fd, asked: IN, kernel: undefined }]);
  });

  test('a registration whose number is another file, and does not start to watch that file', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    using _newcomer = withNumber(fd, () => {
      const { reader, writer } = Pipe.open();
      writer.close();
      return reader;
    });
    expect(audit()).toMatchObject([{ kind: 'reused', fd }]);
    // HANG_UP is always reported: it would end the wait.
    expect([manager.wait(0), manager.lastWait.cause]).toEqual([0, 'timeout']);
  });

  test('a registration whose number is another file, while a duplicate keeps the former file watched', () => {
    const registration = manager.add(fd, IN, ignore);
    closeButKeep();
    using _newcomer = withNumber(fd, () => new EventFd());
    expect(audit()).toMatchObject([{ kind: 'reused', fd, kernel: { generation: registration.generation } }]);
  });

  test('a registration whose number is a file that epoll cannot watch', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    openWithNumber(fd, () => openSync('/dev/null', 'r'));
    expect(audit()).toMatchObject([{ kind: 'reused', fd }]);
    close(fd);
  });

  test('a ONE_SHOT that has reported, with the interest that the kernel shows', () => {
    const registration = manager.add(fd, IN | ONE_SHOT | EDGE_TRIGGERED, ignore);
    write(fd, ONE);
    manager.wait(0);
    const kernel = { fd, events: (ONE_SHOT | EDGE_TRIGGERED) >>> 0, generation: registration.generation };
    expect(audit()).toMatchObject([{ kind: 'disarmed', fd, asked: registration.events, kernel }]);
    expect(audit()[0]?.message).toMatch(/reports nothing until it is re-armed$/);
    registration.rearm();
    expect(audit()).toEqual([]);
    close(fd);
  });

  test('a ONE_SHOT whose event is still to be delivered', () => {
    using other = new EventFd(1);
    const throwing = vi.fn(() => {
      throw new Error('first');
    });
    manager.add(other, IN, throwing);
    const registration = manager.add(fd, IN | ONE_SHOT, ignore);
    write(fd, ONE);
    expect(() => manager.wait(0)).toThrow('first');
    expect(registration.fired).toBe(false);
    expect(audit()).toMatchObject([
      { kind: 'disarmed', fd, message: expect.stringMatching(/delivered by the next wait$/) },
    ]);
    expect(manager.wait(0)).toBe(1);
    close(fd);
  });

  test('a ONE_SHOT that has reported and was left out by a rebuild', () => {
    const registration = manager.add(fd, IN | ONE_SHOT, ignore);
    write(fd, ONE);
    manager.wait(0);
    makeRebuilt();
    expect(audit()).toMatchObject([{ kind: 'disarmed', fd, asked: registration.events, kernel: undefined }]);
    close(fd);
    expect(audit()).toMatchObject([{ kind: 'closed', fd, kernel: undefined }]);
  });

  test('a ONE_SHOT that has reported and whose number is another file', () => {
    manager.add(fd, IN | ONE_SHOT, ignore);
    write(fd, ONE);
    manager.wait(0);
    closeButKeep();
    using _newcomer = withNumber(fd, () => new EventFd());
    expect(audit()).toMatchObject([{ kind: 'reused', fd, kernel: { events: ONE_SHOT } }]);
  });

  test('flags that the kernel has dropped', () => {
    manager.add(fd, IN | WAKE_UP, ignore);
    // The kernel keeps WAKE_UP if it can suspend and the process has CAP_BLOCK_SUSPEND.
    const message = `fd ${fd} is watched for IN instead of IN|WAKE_UP`;
    expect([[], [expect.objectContaining({ kind: 'altered', fd, asked: IN | WAKE_UP, message })]]).toContainEqual(
      audit(),
    );
    close(fd);
  });

  test('an interest that other code has changed', () => {
    const registration = manager.add(fd, IN, ignore);
    poller.modify(fd, OUT | ERROR, registration.generation);
    expect(audit()).toMatchObject([{ kind: 'altered', fd, asked: IN, kernel: { events: OUT | ERROR | HANG_UP } }]);
    close(fd);
  });

  test('several findings in order of fd', () => {
    using other = new EventFd();
    using third = new EventFd(1);
    const registrations = [third, other].map((eventFd) => manager.add(eventFd, IN | ONE_SHOT, ignore));
    manager.wait(0);
    const orphan = manager.add(fd, IN, ignore);
    closeButKeep();
    orphan.delete();
    poller.modify(other.fd, OUT, registrations[1]?.generation ?? 0);
    const found = audit().map((finding) => [finding.fd, finding.kind]);
    expect(found).toEqual([
      [fd, 'orphan'],
      [other.fd, 'altered'],
      [third.fd, 'disarmed'],
    ]);
  });
});

describe('audit() throws', () => {
  test('if the poller is closed', () => {
    close(fd);
    manager.close();
    expect(raises(audit)).toMatchObject({ code: 'ERR_EM_CLOSED', message: 'Cannot audit: the poller is closed' });
  });

  test('if the kernel does not show what is watched', () => {
    expect(raises(() => readInterests(fd))).toMatchObject({
      code: 'ERR_EM_CANNOT_AUDIT',
      message: expect.stringMatching(/fdinfo\/\d+ does not show what is watched$/),
    });
    close(fd);
    expect(raises(() => readInterests(fd))).toMatchObject({
      code: 'ERR_EM_CANNOT_AUDIT',
      message: expect.stringMatching(/cannot be read$/),
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
  });
});
