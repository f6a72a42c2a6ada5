import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contract, type HangUpSource, type RefusedSource, type Source } from '@em/testing/contract';
import { afterAll, describe, test } from 'vitest';
import { dup, EpollPoller, EventFd, read, write } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'em-contract-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A blocked wait is a sleeping main thread; only then is the signal of use. */
const INTERRUPT_ONCE_ASLEEP = `until case "$(cat /proc/$PPID/stat)" in *') S '*) ;; *) false; esac; do :; done; kill -USR2 $PPID`;
process.on('SIGUSR2', () => undefined);

class EventFdSource implements Source {
  readonly fd: number;
  readonly #close: () => void;

  constructor(fd: number, close: () => void) {
    this.fd = fd;
    this.#close = close;
  }

  makeReady(): void {
    write(this.fd, new Uint8Array(new BigUint64Array([1n]).buffer));
  }

  clear(): void {
    read(this.fd, new Uint8Array(8));
  }

  close(): void {
    this.#close();
  }
}

function createSource(): Source {
  const eventFd = new EventFd();
  return new EventFdSource(eventFd.fd, () => eventFd.close());
}

/** The reading end of a named pipe. */
function createHangUpSource(): HangUpSource {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  rmSync(path);
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

function createRefusedSource(): RefusedSource {
  const fd = openSync('/dev/null', 'r');
  return { fd, close: once(() => closeSync(fd)) };
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

contract({
  name: 'EpollPoller',
  describe,
  test,
  harness: {
    createPoller: () => new EpollPoller(),
    createSource,
    createHangUpSource,
    createRefusedSource,
    dup: (source) => {
      const fd = dup(source.fd);
      return new EventFdSource(
        fd,
        once(() => closeSync(fd)),
      );
    },
    interruptNextWait: () => void spawn('sh', ['-c', INTERRUPT_ONCE_ASLEEP], { stdio: 'ignore' }),
  },
});
