// echo-em WAY [traced]: a minimal echo server on the event manager, driven by `wait` in a loop or by `run`; with a trace if
// asked.

import { EventManager } from '@em/core';
import { EpollPoller, EventSet, type Registration, TcpListener, type TcpStream } from '@em/sys';
import { trace } from '@em/testing/trace';

const ACCEPTS_PER_EVENT = 64;

const poller = process.argv[3] === 'traced' ? trace(new EpollPoller()) : new EpollPoller();
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

const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
manager.add(listener, EventSet.IN, () => {
  for (let i = 0; i < ACCEPTS_PER_EVENT; i++) {
    const stream = listener.accept();
    if (stream === undefined) {
      return;
    }
    new Connection(stream);
  }
});
console.log(`listening on 127.0.0.1:${listener.address.port}`);

if (process.argv[2] === 'run') {
  await manager.run();
}
manager.add(0, EventSet.IN, () => process.exit());
for (;;) {
  manager.wait();
}
