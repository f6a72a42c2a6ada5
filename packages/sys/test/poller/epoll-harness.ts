import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Poller } from '@em/core';
import type { ConsumingFd, HangUpFd, Harness, RefusedFd, TestFd } from '@em/testing/contract';

/**
 * Sends the signal once the main thread sleeps, because then it is blocked in a wait. What sends it is no child of ours:
 * the end of a child is a signal too, and might interrupt a wait of a later scenario.
 */
const INTERRUPT_ONCE_ASLEEP = `{ until case "$(cat /proc/$PPID/stat)" in *') S '*) ;; *) false; esac; do :; done; kill -USR2 $PPID; } &`;

const HOST_NAME = '/proc/sys/kernel/hostname';

/** The exports that the harness uses: from the source of this package, or from its build. */
interface Sys {
  readonly EpollPoller: new () => Poller;
  readonly EventFd: new () => { readonly fd: number; close(): void };
  close(fd: number): void;
  dup(fd: number): number;
  read(fd: number, into: Uint8Array): unknown;
  write(fd: number, from: Uint8Array): unknown;
}

export function epollHarness({ close, dup, EpollPoller, EventFd, read, write }: Sys): Harness {
  process.on('SIGUSR2', () => undefined);

  function counter(fd: number, end: () => void): TestFd {
    return {
      fd,
      makeReady: () => void write(fd, new Uint8Array(new BigUint64Array([1n]).buffer)),
      clear: () => void read(fd, new Uint8Array(8)),
      close: once(end),
    };
  }

  /** Opens the reading end of a named pipe. */
  function createHangUpFd(): HangUpFd {
    const folder = mkdtempSync(join(tmpdir(), 'em-contract-'));
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    rmSync(folder, { recursive: true });
    const hangUp = once(() => closeSync(writer));
    return {
      fd: reader,
      makeReady: () => void write(writer, new Uint8Array(1)),
      clear: () => void read(reader, new Uint8Array(1)),
      hangUp,
      close: once(() => {
        hangUp();
        closeSync(reader);
      }),
    };
  }

  /**
   * Opens a sysctl that reports each write. `fire` writes the name that the host already has, which needs permission.
   */
  const canFire = canWrite(HOST_NAME);
  function createConsumingFd(): ConsumingFd {
    const fd = openSync(HOST_NAME, 'r');
    return {
      fd,
      fire: () => writeFileSync(HOST_NAME, readFileSync(HOST_NAME)),
      close: once(() => closeSync(fd)),
    };
  }

  function createRefusedFd(): RefusedFd {
    const fd = openSync('/dev/null', 'r');
    return { fd, close: once(() => closeSync(fd)) };
  }

  return {
    createPoller: () => new EpollPoller(),
    createFd: () => {
      const eventFd = new EventFd();
      return counter(eventFd.fd, () => eventFd.close());
    },
    createHangUpFd,
    ...(canFire ? { createConsumingFd } : {}),
    createRefusedFd,
    dup: (testFd) => {
      const fd = dup(testFd.fd);
      return counter(fd, () => close(fd));
    },
    letPass: (ms) => setTimeout(ms),
    interruptNextWait: () => void execFileSync('sh', ['-c', INTERRUPT_ONCE_ASLEEP], { stdio: 'ignore' }),
  };
}

function canWrite(path: string): boolean {
  try {
    writeFileSync(path, readFileSync(path));
    return true;
  } catch {
    return false;
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) {
      isDone = true;
      action();
    }
  };
}
