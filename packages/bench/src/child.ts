import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CannotRun, type Contestant, type Figures, perOperation, type Running } from './question.ts';

const ANSWER_LIMIT_MS = 120_000;

/** What is run, with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * A process that is asked line by line. It says `ready` first; then each line it reads, a number of operations, is
 * answered by one line of JSON once they are done.
 */
export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  private constructor([program, ...args]: Command) {
    // In this package, from where what it depends on is found.
    this.#process = spawn(program, args, { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.on('error', (error) => {
      this.#complaint = error.message;
    });
    // A child that has ended takes no more lines; the answer that does not come says so.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2_000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns The child and the first line it says. */
  static async start(command: Command): Promise<{ child: Child; greeting: string }> {
    const child = new Child(command);
    return { child, greeting: await child.#nextLine() };
  }

  get pid(): number {
    return this.#process.pid ?? Number.NaN;
  }

  async ask(line: string): Promise<unknown> {
    this.#process.stdin.write(`${line}\n`);
    return JSON.parse(await this.#nextLine());
  }

  /** Closes its standard input, which ends it; what does not end by that is killed. */
  async stop(signal: NodeJS.Signals = 'SIGKILL', patienceMs = 2_000): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined) {
      const timer = setTimeout(() => this.#process.kill(signal), patienceMs);
      await once(this.#process, 'exit');
      clearTimeout(timer);
    }
  }

  async #nextLine(): Promise<string> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), ANSWER_LIMIT_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) {
      throw new CannotRun(this.#reason());
    }
    return value;
  }

  #reason(): string {
    const lines = this.#complaint.trim().split('\n');
    return `it ended: ${lines.find((line) => line.includes('Error')) ?? lines.at(-1)}`;
  }
}

/** A contestant that is a process and takes its own time. */
export function programContestant(name: string, command: () => Command | Promise<Command>): Contestant {
  return {
    name,
    async start(): Promise<Running> {
      const { child } = await Child.start(await command());
      return {
        round: async (operations) => perOperation((await child.ask(String(operations))) as Figures, operations),
        stop: () => child.stop(),
      };
    },
  };
}
