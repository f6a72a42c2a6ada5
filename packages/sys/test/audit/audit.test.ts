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

const { EMPTY, IN, OUT, ERROR, HANG_UP, READ_HANG_UP, EXCLUSIVE, WAKE_UP, ONE_SHOT, EDGE_TRIGGERED } = EventSet;
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);
const ignore = (): void => undefined;

let poller: EpollPoller;
let manager: EventManager;
/** An eventfd that is no object's, and a duplicate of it, if the test makes one. */
let fd: number;
let keeper: number | undefined;

expectNoFilesLeftOpen();

beforeEach(() => {
  poller = new EpollPoller();
  manager = new EventManager({ poller });
  fd = new EventFd().detach();
  keeper = undefined;
});

afterEach(() => {
  manager.close();
  if (keeper !== undefined) {
    close(keeper);
  }
});

/** Closes the eventfd while a duplicate keeps the file open. */
function closeButKeep(): void {
  keeper = dup(fd);
  close(fd);
}

function audit(): AuditFinding[] {
  return poller.audit(manager);
}

/** Has the manager rebuild its poller, as it does when an event proves that there is an orphan. */
function haveRebuilt(): void {
  using eventFd = new EventFd(1);
  const orphan = dup(eventFd.fd);
  const registration = manager.add(orphan, IN, ignore);
  close(orphan);
  registration.delete();
  manager.wait(0);
  manager.wait(0);
  expect(manager.stats.stale).toBe(1);
}

/** What the kernel has of an eventfd. */
function kernelHas({ generation }: Registration, events: EventSet): object {
  const { ino, dev } = fstatSync(keeper ?? fd);
  return { fd, events: (events | ERROR | HANG_UP) >>> 0, generation, inode: ino, device: dev };
}

describe('audit() finds nothing', () => {
  test('where all is as asked for, whatever that is; the poller’s own eventfd is nobody’s business', () => {
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

  test('of what is paused', () => {
    manager.add(fd, IN, ignore).pause();
    expect(audit()).toEqual([]);
    close(fd);
    expect(audit()).toEqual([]);
  });

  test('among a thousand, and leaves them as they were', () => {
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

describe('audit() finds', () => {
  test('an orphan: deleted too late, and a duplicate keeps it open', () => {
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

  test('an orphan beside the newcomer on its number', () => {
    const registration = manager.add(fd, IN, ignore);
    closeButKeep();
    using newcomer = new EventFd();
    expect(newcomer.fd).toBe(fd);
    manager.add(newcomer, IN, ignore);
    expect(registration.active).toBe(false);
    expect(audit()).toMatchObject([{ kind: 'orphan', fd, kernel: { generation: registration.generation } }]);
  });

  test('an orphan that is paused: it was closed before', () => {
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

  test('the same, watched still, since a duplicate keeps the file open', () => {
    const registration = manager.add(fd, IN, ignore);
    const kernel = kernelHas(registration, IN);
    closeButKeep();
    expect(audit()).toMatchObject([{ kind: 'closed', fd, asked: IN, kernel }]);
    expect(audit()[0]?.message).toMatch(/a duplicate keeps the file open, and it is still watched$/);
  });

  test('a registration whose number is another file by now, though of the same kind', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    using newcomer = new EventFd(1);
    expect(newcomer.fd).toBe(fd);
    expect(audit()).toMatchObject([{ kind: 'reused', fd, asked: IN, kernel: undefined }]);
  });

  test('the same, and does not watch the newcomer from then on', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    const { reader, writer } = Pipe.open();
    writer.close();
    expect(reader.fd).toBe(fd);
    expect(audit()).toMatchObject([{ kind: 'reused', fd }]);
    // Its HANG_UP would end the wait, whatever it was watched for.
    expect([manager.wait(0), manager.lastWait.cause]).toEqual([0, 'timeout']);
    reader.close();
  });

  test('the same, watched still, since a duplicate keeps the former file open', () => {
    const registration = manager.add(fd, IN, ignore);
    closeButKeep();
    using newcomer = new EventFd();
    expect(newcomer.fd).toBe(fd);
    expect(audit()).toMatchObject([{ kind: 'reused', fd, kernel: { generation: registration.generation } }]);
  });

  test('the same, where the newcomer is a file that epoll does not watch', () => {
    manager.add(fd, IN, ignore);
    close(fd);
    const stranger = openSync('/dev/null', 'r');
    expect(stranger).toBe(fd);
    expect(audit()).toMatchObject([{ kind: 'reused', fd }]);
    close(stranger);
  });

  test('a ONE_SHOT that has reported, and what the kernel shows of it', () => {
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

  test('a ONE_SHOT whose event is yet to be served', () => {
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

  test('a ONE_SHOT that has reported and is not in the list, since the poller has been rebuilt', () => {
    const registration = manager.add(fd, IN | ONE_SHOT, ignore);
    write(fd, ONE);
    manager.wait(0);
    haveRebuilt();
    expect(audit()).toMatchObject([{ kind: 'disarmed', fd, asked: registration.events, kernel: undefined }]);
    close(fd);
    expect(audit()).toMatchObject([{ kind: 'closed', fd, kernel: undefined }]);
  });

  test('of a ONE_SHOT that has reported, too, that its number is another file by now', () => {
    manager.add(fd, IN | ONE_SHOT, ignore);
    write(fd, ONE);
    manager.wait(0);
    closeButKeep();
    using newcomer = new EventFd();
    expect(newcomer.fd).toBe(fd);
    expect(audit()).toMatchObject([{ kind: 'reused', fd, kernel: { events: ONE_SHOT } }]);
  });

  test('flags that the kernel has dropped', () => {
    manager.add(fd, IN | WAKE_UP, ignore);
    // Kept by a kernel that can sleep, for whoever has the right to it.
    const message = `fd ${fd} is watched for IN instead of IN|WAKE_UP`;
    expect([[], [expect.objectContaining({ kind: 'altered', fd, asked: IN | WAKE_UP, message })]]).toContainEqual(
      audit(),
    );
    close(fd);
  });

  test('an interest that was changed behind its back', () => {
    const registration = manager.add(fd, IN, ignore);
    poller.modify(fd, OUT | ERROR, registration.generation);
    expect(audit()).toMatchObject([{ kind: 'altered', fd, asked: IN, kernel: { events: OUT | ERROR | HANG_UP } }]);
    close(fd);
  });

  test('several, in order of fd', () => {
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

describe('audit() is refused', () => {
  test('when the poller is closed', () => {
    close(fd);
    manager.close();
    expect(raises(audit)).toMatchObject({ code: 'ERR_EM_CLOSED', message: 'Cannot audit: the poller is closed' });
  });

  test('where the kernel does not show what is watched', () => {
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
