/** A `MessagePort`. In browsers it has no process to keep alive. */
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
  ref?(): void;
  unref?(): void;
}

declare const MessageChannel: new () => { readonly port1: Port; readonly port2: Port };

/**
 * A turn of the event loop of the host that is to come. It is a message: fake timers replace `setTimeout` and
 * `setImmediate`, but no messages. Each has a channel of its own, since Node delivers up to 1,000 messages of one channel
 * in the same turn.
 */
export class HostTurn {
  readonly #port: Port;

  /** @param hasRef - Whether it keeps the host loop running. */
  constructor(callback: () => void, hasRef: boolean) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = () => {
      port1.close();
      callback();
    };
    if (!hasRef) {
      this.unref();
    }
    port2.postMessage(undefined);
  }

  ref(): void {
    this.#port.ref?.();
  }

  unref(): void {
    this.#port.unref?.();
  }

  cancel(): void {
    this.#port.close();
  }
}

/** Ends in the next turn of the host loop: every promise that can settle without the host has called its handlers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void new HostTurn(resolve, true));
}
