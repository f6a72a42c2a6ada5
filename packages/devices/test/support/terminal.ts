import { EventManager, EventSet, type ExitStatus } from '@em/sys';
import { Pty, type PtySize, type PtySpawnOptions } from '../../src/pty.js';

/** Runs a program in a pty, and keeps what it writes. */
export class Terminal implements Disposable {
  readonly pty: Pty;
  readonly #manager = new EventManager();
  #output = '';
  #onOutput: (() => void) | undefined;

  constructor(command: string, args: readonly string[], options: PtySpawnOptions = {}, size?: PtySize) {
    this.pty = Pty.open(size);
    this.pty.spawn(command, args, options);
    const buffer = Buffer.alloc(65_536);
    this.#manager.add(this.pty, EventSet.IN, (_, registration) => {
      const count = this.pty.read(buffer);
      if (count === 0) {
        registration.delete();
      } else {
        this.#output += buffer.toString('latin1', 0, count);
      }
      this.#onOutput?.();
    });
    void this.#manager.run();
  }

  /** Waits until the output contains a text, and drops it with all before it. */
  async until(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
    }
    const end = this.#output.indexOf(text) + text.length;
    const found = this.#output.slice(0, end);
    this.#output = this.#output.slice(end);
    return found;
  }

  type(text: string): void {
    this.pty.write(Buffer.from(text));
  }

  /** Waits for the end. */
  async finish(): Promise<ExitStatus & { readonly output: string }> {
    const status = await this.pty.finished;
    return { ...status, output: this.#output };
  }

  [Symbol.dispose](): void {
    this.pty.close();
    this.#manager.close();
  }
}
