import type { WriteStream } from 'node:tty';
import type { Progress } from './bench.ts';

/** Shows the progress of a run: in one line that changes on a terminal, in one line per case elsewhere. */
export class ProgressLine {
  readonly #out: WriteStream;
  readonly #start = performance.now();
  #shown = '';

  constructor(out: WriteStream) {
    this.#out = out;
  }

  show({ question, case: title, step, done, total }: Progress): void {
    const seconds = Math.round((performance.now() - this.#start) / 1_000);
    const where = `[${done + 1}/${total}] ${seconds} s  ${question}: ${title}`;
    if (this.#out.isTTY) {
      this.#out.write(`\r\u001b[2K${`${where}, ${step}`.slice(0, this.#out.columns - 1)}`);
    } else if (this.#shown !== `${question}: ${title}`) {
      this.#out.write(`${where}\n`);
    }
    this.#shown = `${question}: ${title}`;
  }

  end(): void {
    if (this.#out.isTTY) {
      this.#out.write('\r\u001b[2K');
    }
  }
}
