import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { CannotRun, type Contestant, type Figures, perOperation, type Running } from './question.ts';

const ANSWER_LIMIT_MS = 120_000;

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/**
 * A process that answers line by line. It first prints `ready`. It then reads lines with a number of operations, and
 * answers each with one line of JSON when they are done.
 */
export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  private constructor([program, ...args]: Command) {
    // In this package, so that its dependencies are found.
    this.#process = spawn(program, args, { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.on('error', (error) => {
      this.#complaint = error.message;
    });
    // Writing to a child that has ended fails. The missing answer reports that.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2_000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns The child and its first line. */
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

  /** Closes its standard input, which should end it. Kills it otherwise. */
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

/** A contestant that is a process and measures its own time. */
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
