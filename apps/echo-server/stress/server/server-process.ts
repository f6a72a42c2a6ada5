import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../../test/until.ts';
import { cpuMsOf, filesOf, memoryOf } from './process-figures.ts';

const MAIN = fileURLToPath(new URL('../../dist/em-echo-server.js', import.meta.url));
const COLLECT_ON_REQUEST = new URL('./collect-on-request.js', import.meta.url).href;

/** Makes malloc return freed memory instead of keeping it, so that resident memory is memory in use. */
const EAGER_MALLOC = { MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '131072' };

type ServerChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** Options of a server process. */
export interface ServerOptions {
  /** Where it listens. Defaults to any free TCP port of 127.0.0.1. */
  readonly listen?: readonly string[];
  /** UDP and unix datagram sockets that it serves too, after these. This process keeps its fds of them. */
  readonly inherited?: readonly { readonly fd: number }[];
  readonly args?: readonly string[];
  /** The limit of open files. */
  readonly openFiles?: number;
}

/** The statistics that a server logs. */
export interface Statistics {
  readonly connections: number;
  readonly accepted: number;
  readonly failed: number;
  readonly cutOff: number;
  readonly acceptPauses: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly bufferedBytes: number;
  readonly datagramsReceived: number;
  readonly datagramsSent: number;
  readonly datagramsDropped: number;
  readonly kernelDrops: number;
  readonly workerFailures: number;
}

/** The memory of a server. */
export interface Memory {
  /** The memory of JavaScript in the main thread, with its buffers. */
  readonly keptBytes: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** A line of the log. */
export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A running em-echo-server. */
export class ServerProcess {
  readonly #child: ServerChild;
  readonly #exit: Promise<unknown[]>;
  readonly log: LogRecord[] = [];
  readonly #answers: string[] = [];
  #socketsAtStart = 0;
  /** The endpoints that it listens on. */
  urls: readonly string[] = [];
  filesAtStart = 0;
  memoryAtStart: Memory = { keptBytes: 0, residentBytes: 0, peakBytes: 0 };

  private constructor({ listen = ['tcp://127.0.0.1:0'], inherited = [], args = [], openFiles }: ServerOptions) {
    const node = [process.execPath, '--expose-gc', '--import', COLLECT_ON_REQUEST];
    const urls = [...listen, ...inherited.map((_, i) => `fd:${3 + i}`)].flatMap((url) => ['--listen', url]);
    const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles} && `;
    const passing = inherited.length === 0 ? '' : `export LISTEN_PID=$$ LISTEN_FDS=${inherited.length} && `;
    const script = ['-c', `${limit}${passing}exec "$0" "$@"`, ...node, MAIN, ...urls, '--format', 'json', ...args];
    const neutral = Object.entries(process.env).filter(([name]) => !/^(EM_|LISTEN_|NOTIFY_|WATCHDOG_)/.test(name));
    const env = { ...Object.fromEntries(neutral), ...EAGER_MALLOC };
    this.#child = spawn('sh', script, {
      stdio: ['pipe', 'pipe', 'pipe', ...inherited.map(({ fd }) => fd)],
      env,
    }) as ServerChild;
    this.#exit = once(this.#child, 'exit');
    createInterface(this.#child.stderr).on('line', (line) => this.#onLogLine(line));
    createInterface(this.#child.stdout).on('line', (line) => this.#answers.push(line));
  }

  /** Starts a server on any free port, and waits until it is ready. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    const { listening } = (await server.#answer('is ready')) as { readonly listening: readonly string[] };
    server.urls = listening;
    await server.#noteStart();
    return server;
  }

  /** The first port that it listens on. */
  get port(): number {
    return this.portAt(0);
  }

  /** The port of an endpoint. */
  portAt(index: number): number {
    return Number(new URL(this.urls[index] ?? '').port);
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** The number of connections according to the kernel: the sockets that were opened since the start. */
  get sockets(): number {
    return socketsOf(this.pid) - this.#socketsAtStart;
  }

  /** Requests the statistics. */
  async statistics(): Promise<Statistics> {
    const before = this.log.length;
    const isReport = ({ message }: LogRecord): boolean => message === 'statistics';
    this.kill('SIGUSR2');
    await until('the server logs its statistics', () => this.log.slice(before).some(isReport));
    return this.log.findLast(isReport)?.properties as unknown as Statistics;
  }

  /** Makes the server collect its garbage. Returns the memory that is left. */
  async memory(): Promise<Memory> {
    this.#child.stdin.write('\n');
    const { keptBytes } = (await this.#answer('has collected its garbage')) as { readonly keptBytes: number };
    return { keptBytes, ...memoryOf(this.pid) };
  }

  /** The share of one CPU that it uses. */
  async cpuShare(measuredMs: number): Promise<number> {
    const start = performance.now();
    const before = cpuMsOf(this.pid);
    await setTimeout(measuredMs);
    return (cpuMsOf(this.pid) - before) / (performance.now() - start);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The messages in the log, without those of every server. */
  problems(): string[] {
    const said = this.log.filter(({ level }) => level !== 'INFO');
    return said.map(({ message, properties }) => [message, ...Object.values(properties)].join(': '));
  }

  /** Waits for its end. Returns its exit code, or the signal that ended it. */
  async exitCode(): Promise<unknown> {
    const [code, signal] = await this.#exit;
    return code ?? signal;
  }

  async #noteStart(): Promise<void> {
    // The first request opens files and loads code, which stay.
    await this.statistics();
    await this.memory();
    this.#socketsAtStart = socketsOf(this.pid);
    this.filesAtStart = filesOf(this.pid).length;
    this.memoryAtStart = await this.memory();
  }

  /** The next line of stdout. */
  async #answer(what: string): Promise<unknown> {
    await until(`the server ${what}`, () => this.#answers.length > 0 || this.#child.exitCode !== null);
    const answer = this.#answers.shift();
    if (answer === undefined) {
      throw new Error(`the server has ended (is it built?): ${this.problems().join('; ')}`);
    }
    return JSON.parse(answer);
  }

  #onLogLine(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogRecord);
    } catch {
      this.log.push({ level: 'none', message: line, properties: {} });
    }
  }
}

function socketsOf(pid: number): number {
  return filesOf(pid).filter((name) => name.startsWith('socket:')).length;
}
