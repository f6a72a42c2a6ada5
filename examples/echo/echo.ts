// A TCP echo server (RFC 862). Start it with `node echo.ts 7007`, and talk to it with `nc 127.0.0.1 7007`.

import { EventManager, EventSet, type Registration, TcpListener, type TcpStream } from '@em/sys';

const ACCEPTS_PER_EVENT = 64;
const NOTHING = new Uint8Array(0);

const manager = new EventManager();
/** For all connections: each uses it only for one read and the write that follows. */
const buffer = new Uint8Array(64 * 1024);

/**
 * One client. While it has unsent bytes, the server waits until it can write (OUT), and does not read from the client. So a
 * client that sends without reading is slowed down, and uses no more memory than one read.
 */
class Connection {
  readonly #stream: TcpStream;
  readonly #registration: Registration;
  #unsent: Uint8Array = NOTHING;

  constructor(stream: TcpStream) {
    this.#stream = stream;
    stream.setNoDelay(true);
    // own: deleting the registration closes the stream.
    this.#registration = manager.add(stream, EventSet.IN, () => this.#onReady(), { own: true });
  }

  #onReady(): void {
    try {
      if (this.#unsent.length === 0) {
        this.#receive();
      } else {
        this.#send(this.#unsent);
      }
    } catch {
      this.#registration.delete(); // The client has gone: ECONNRESET, EPIPE.
    }
  }

  #receive(): void {
    const length = this.#stream.read(buffer);
    if (length === 0) {
      this.#registration.delete(); // The client has ended its half, and has everything back.
    } else if (length !== undefined) {
      this.#send(buffer.subarray(0, length));
    }
  }

  #send(bytes: Uint8Array): void {
    const written = this.#stream.write(bytes) ?? 0;
    if (written === bytes.length) {
      this.#unsent = NOTHING;
      this.#setInterest(EventSet.IN);
    } else {
      this.#unsent = bytes.slice(written); // A copy: others need the buffer.
      this.#setInterest(EventSet.OUT);
    }
  }

  #setInterest(events: EventSet): void {
    if (this.#registration.events !== events) {
      this.#registration.modify(events);
    }
  }
}

const listener = TcpListener.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? 7007) });
manager.add(listener, EventSet.IN, () => {
  for (let i = 0; i < ACCEPTS_PER_EVENT; i++) {
    const stream = listener.accept();
    if (stream === undefined) {
      return; // No other client waits.
    }
    new Connection(stream);
  }
});

process.once('SIGINT', () => manager.close());
console.log(`listening on tcp://127.0.0.1:${listener.address.port}`);
await manager.run();
