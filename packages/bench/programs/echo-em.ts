// echo-em WAY [traced | THREADS]: a minimal echo server on the event manager, driven by `wait` in a loop or by `run`. It
// traces if asked. With a number, that many worker threads share the listener, with EXCLUSIVE.

import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { EventManager } from '@em/core';
import { dup, EpollPoller, EventSet, type Registration, TcpListener, type TcpStream } from '@em/sys';
import { trace } from '@em/testing/trace';

const ACCEPTS_PER_EVENT = 64;

const [way, mode]: readonly (string | undefined)[] = process.argv.slice(2);
const poller = mode === 'traced' ? trace(new EpollPoller()) : new EpollPoller();
const manager = new EventManager({ poller, capacity: 512 });
const buffer = new Uint8Array(64 * 1024);

class Connection {
  readonly #stream: TcpStream;
  readonly #registration: Registration;
  #unsent: Uint8Array | undefined;

  constructor(stream: TcpStream) {
    this.#stream = stream;
    stream.setNoDelay(true);
    this.#registration = manager.add(stream, EventSet.IN, (events) => this.#onReady(events), { own: true });
  }

  #onReady(events: EventSet): void {
    if ((events & (EventSet.ERROR | EventSet.HANG_UP)) !== 0) {
      this.#registration.delete();
    } else if (this.#unsent === undefined) {
      this.#echo();
    } else {
      this.#flush(this.#unsent);
    }
  }

  #echo(): void {
    const length = this.#stream.read(buffer);
    if (length === 0) {
      this.#registration.delete();
    } else if (length !== undefined) {
      const written = this.#stream.write(buffer, 0, length) ?? 0;
      if (written < length) {
        this.#unsent = buffer.slice(written, length);
        this.#registration.modify(EventSet.OUT);
      }
    }
  }

  #flush(unsent: Uint8Array): void {
    const written = this.#stream.write(unsent) ?? 0;
    if (written < unsent.length) {
      this.#unsent = unsent.subarray(written);
    } else {
      this.#unsent = undefined;
      this.#registration.modify(EventSet.IN);
    }
  }
}

function serve(listener: TcpListener, events: EventSet): void {
  manager.add(listener, events, () => {
    for (let i = 0; i < ACCEPTS_PER_EVENT; i++) {
      const stream = listener.accept();
      if (stream === undefined) {
        return;
      }
      new Connection(stream);
    }
  });
}

async function drive(): Promise<void> {
  if (way === 'run') {
    await manager.run();
  }
  for (;;) {
    manager.wait();
  }
}

if (parentPort !== null) {
  serve(TcpListener.adopt(dup(workerData)), EventSet.IN | EventSet.EXCLUSIVE);
  manager.after(0, () => parentPort?.postMessage('serves'));
  await drive();
}
// Enough for 1,000 connections at once.
const listener = TcpListener.listen({ host: '127.0.0.1', port: 0, backlog: 1_024 });
const threads = Number(mode);
if (threads > 0) {
  const start = () => new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: listener.fd });
  await Promise.all(Array.from({ length: threads }, () => once(start(), 'message')));
} else {
  serve(listener, EventSet.IN);
}
manager.after(0, () => console.log(`listening on 127.0.0.1:${listener.address.port}`));
manager.add(0, EventSet.READ_HANG_UP, () => process.exit());
await drive();
