// ptys WAY [FOLDER]: runs programs in ptys. WAY is `em`, or `node-pty`, which is built in FOLDER. Prints `ready`. Then it
// reads lines with a task and a number, and answers each with its figures as JSON.

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Pty } from '@em/devices/pty';
import { EventManager, EventSet } from '@em/sys';

/** A program in a pty. */
interface Terminal {
  /** The number of bytes of its output that arrived. */
  readonly bytes: number;
  /** Is fulfilled when its exit is reported. */
  readonly finished: Promise<void>;
  write(input: Buffer): void;
  close(): void;
}

type Start = (command: string, args: readonly string[], readsOutput?: boolean) => Terminal;

const [, , way, folder = ''] = process.argv;
const start = way === 'em' ? withEm() : withNodePty(folder);

function withEm(): Start {
  const manager = new EventManager();
  void manager.run();
  const buffer = Buffer.alloc(65_536);
  return (command, args, readsOutput = true) => {
    const pty = Pty.open();
    pty.spawn(command, args);
    let bytes = 0;
    let input = Buffer.alloc(0);
    const registration = manager.add(pty, EventSet.IN, (events) => {
      if (events & EventSet.OUT) {
        input = input.subarray(pty.write(input) ?? 0);
        if (input.length === 0) {
          registration.disable(EventSet.OUT);
        }
      }
      const length = events & (EventSet.IN | EventSet.HANG_UP) ? pty.read(buffer) : undefined;
      bytes += length ?? 0;
      if (length === 0) {
        registration.delete();
      }
    });
    if (!readsOutput) {
      registration.pause();
    }
    return {
      get bytes() {
        return bytes;
      },
      finished: pty.finished.then(() => undefined),
      write(more) {
        input = Buffer.concat([input, more]);
        registration.enable(EventSet.OUT);
      },
      close: () => pty.close(),
    };
  };
}

/** The part of the API of node-pty that is used here. */
interface NodePty {
  spawn(
    command: string,
    args: readonly string[],
    options: { encoding: null },
  ): {
    onData(listener: (data: Buffer) => void): void;
    onExit(listener: () => void): void;
    pause(): void;
    write(data: Buffer): void;
    kill(signal: string): void;
    destroy(): void;
  };
}

function withNodePty(installed: string): Start {
  const { spawn } = createRequire(import.meta.url)(installed) as NodePty;
  return (command, args, readsOutput = true) => {
    const pty = spawn(command, args, { encoding: null });
    let bytes = 0;
    pty.onData((data) => {
      bytes += data.length;
    });
    if (!readsOutput) {
      pty.pause();
    }
    return {
      get bytes() {
        return bytes;
      },
      finished: new Promise((resolve) => pty.onExit(resolve)),
      write: (input) => pty.write(input),
      close: () => pty.destroy(),
    };
  };
}

const TEXT = 'x'.repeat(20_000);
/** `echo` adds a line feed, and the terminal a carriage return. */
const OUTPUT_BYTES = TEXT.length + 2;
const AT_A_TIME = 10;

const TASKS: Readonly<Record<string, (amount: number) => Promise<Readonly<Record<string, number>>>>> = {
  /** Runs commands, and counts those whose output was cut when their exit was reported. */
  async commands(count) {
    let [cut, missingBytes] = [0, 0];
    const runSome = async (): Promise<void> => {
      for (let command = 0; command < count / AT_A_TIME; command++) {
        const terminal = start('/bin/echo', [TEXT]);
        await terminal.finished;
        const missing = OUTPUT_BYTES - terminal.bytes;
        cut += missing > 0 ? 1 : 0;
        missingBytes += missing;
        terminal.close();
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, runSome));
    return { cut, missingBytes };
  },

  /** Runs a command that writes much. */
  async megabytes(count) {
    const before = process.cpuUsage();
    const terminal = start('head', ['-c', `${count}000000`, '/dev/zero']);
    await terminal.finished;
    terminal.close();
    return { missingBytes: count * 1e6 - terminal.bytes, cpuMs: cpuMsSince(before) };
  },

  /** Measures the CPU time while nothing reads the output of a program. */
  async unreadOutput(seconds) {
    const terminal = start('yes', [], false);
    return await measureFor(seconds, terminal);
  },

  /** Measures the CPU time while a program does not read its input. */
  async unreadInput(seconds) {
    const terminal = start('sh', ['-c', 'stty raw -echo; echo ready; exec sleep 1000']);
    while (terminal.bytes === 0) {
      await setTimeout(10);
    }
    terminal.write(Buffer.alloc(1_000_000, 'x'));
    return await measureFor(seconds, terminal);
  },

  /** Counts the threads of this process with one pty, and with more. */
  async threads(count) {
    const terminals = [start('cat', [])];
    await setTimeout(500);
    const one = readdirSync('/proc/self/task').length;
    terminals.push(...Array.from({ length: count - 1 }, () => start('cat', [])));
    await setTimeout(500);
    const all = readdirSync('/proc/self/task').length;
    await end(...terminals);
    return { one, all };
  },
};

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function measureFor(seconds: number, terminal: Terminal): Promise<{ percent: number }> {
  // Until the buffers of the kernel are full.
  await setTimeout(1_000);
  const before = process.cpuUsage();
  await setTimeout(seconds * 1_000);
  const percent = cpuMsSince(before) / (seconds * 10);
  await end(terminal);
  return { percent };
}

/** Closes terminals, which ends their programs by SIGHUP. */
async function end(...terminals: readonly Terminal[]): Promise<void> {
  for (const terminal of terminals) {
    terminal.close();
  }
  await Promise.all(terminals.map(({ finished }) => finished));
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [task = '', amount] = line.split(' ');
  console.log(JSON.stringify(await TASKS[task]?.(Number(amount))));
}
process.exit();
