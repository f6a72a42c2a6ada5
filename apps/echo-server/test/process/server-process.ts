import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { filesOf } from '../../stress/server/process-figures.js';
import { until } from '../until.js';
import type { Address } from './client.js';

/** Arguments for {@link ServerProcess.metric}. */
export const WITH_METRICS = ['--metrics', '127.0.0.1:0', '--format', 'json'] as const;

/** The built command. */
export const MAIN: string = fileURLToPath(new URL('../../dist/em-echo-server.js', import.meta.url));

/** States of TCP in proc_pid_net(5). */
const LISTEN = '0A';
const ESTABLISHED = '01';
/** The unit of times in proc(5), USER_HZ. */
const TICK_MS = 10;

/** The timer of a TCP connection that is set. */
export interface TcpTimer {
  /** `'00'` for none, `'01'` for bytes that must be sent again, `'02'` for keep-alive. */
  readonly kind: string;
  readonly leftMs: number;
}

/** A process without input, whose output is read here. */
type ServerChild = ChildProcessByStdio<null, Readable, Readable>;

/** The exit code and the output of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a server process. */
export interface StartOptions {
  /** Where it listens. Defaults to any free TCP port of 127.0.0.1. */
  readonly listen?: readonly string[];
  readonly args?: readonly string[];
  /** Environment variables, in addition to those of this process that do not configure the server. */
  readonly env?: Readonly<Record<string, string>>;
  /** The limit of open files, both soft and hard. */
  readonly openFiles?: number;
  /** Sockets that it inherits as from a service manager. */
  readonly inherited?: readonly { readonly fd: number }[];
  /** A command that becomes or starts the server. */
  readonly wrapper?: readonly string[];
}

/** Runs the command to its end. */
export async function runCommand(
  args: readonly string[],
  options: Pick<StartOptions, 'env' | 'inherited' | 'wrapper'> = {},
): Promise<Outcome> {
  const child = spawnServer({ ...options, args });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, stdout, stderr };
}

/** Starts a server, and waits for its ready line. The server is killed after the test. */
export async function startServer(options: StartOptions = {}): Promise<ServerProcess> {
  const { listen = ['tcp://127.0.0.1:0'], args = [] } = options;
  const child = spawnServer({ ...options, args: [...listen.flatMap((url) => ['--listen', url]), ...args] });
  const server = new ServerProcess(child);
  await server.ready();
  return server;
}

/** A running server. */
export class ServerProcess {
  readonly #child: ServerChild;
  readonly #exit: Promise<unknown[]>;
  #socketsOfItsOwn = 0;
  readyLine = '';
  stderr = '';

  constructor(child: ServerChild) {
    this.#child = child;
    this.#exit = once(child, 'close');
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
    createInterface(child.stdout).once('line', (line) => {
      this.readyLine = line;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Its endpoints, in order. */
  get urls(): readonly string[] {
    return this.readyLine.startsWith('{')
      ? JSON.parse(this.readyLine).listening
      : this.readyLine.replace('listening on ', '').split(' ');
  }

  /** Returns the value of a metric. The server must be started {@link WITH_METRICS}. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${JSON.parse(this.readyLine).metrics}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  /** The TCP ports that it listens on. */
  get addresses(): readonly Address[] {
    return this.urls.map(readEndpoint).flatMap((endpoint) => (endpoint.transport === 'tcp' ? [endpoint] : []));
  }

  /** The address of the first. */
  get address(): Address {
    const [address] = this.addresses;
    if (address === undefined) {
      throw new Error(`the server does not listen on a TCP port: ${this.readyLine}`);
    }
    return address;
  }

  /** The number of open connections: the sockets that were opened since it was ready. */
  get connections(): number {
    return socketsOf(this.pid).length - this.#socketsOfItsOwn;
  }

  /** The number of IPv4 TCP sockets that listen, according to the kernel. */
  get listeners(): number {
    return this.#tcpSockets(LISTEN).length;
  }

  /** The timers of its IPv4 TCP connections, according to the kernel. */
  get timers(): readonly TcpTimer[] {
    return this.#tcpSockets(ESTABLISHED).map(({ timer }) => timer);
  }

  #tcpSockets(wanted: string): readonly { readonly timer: TcpTimer }[] {
    const inodes = new Set(socketsOf(this.pid));
    // State, timer and inode are fields 3, 5 and 9 of proc_pid_net(5).
    const rows = readFileSync(`/proc/${this.pid}/net/tcp`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    return rows.flatMap(([, , , state, , timer = '', , , , inode]) => {
      const [kind = '', ticks = ''] = timer.split(':');
      const isWanted = state === wanted && inodes.has(`socket:[${inode}]`);
      return isWanted ? [{ timer: { kind, leftMs: Number.parseInt(ticks, 16) * TICK_MS } }] : [];
    });
  }

  async ready(): Promise<void> {
    await until('the server is ready', () => this.readyLine !== '' || this.#child.exitCode !== null);
    if (this.readyLine === '') {
      throw new Error(`the server exited with ${this.#child.exitCode}: ${this.stderr}`);
    }
    this.#socketsOfItsOwn = socketsOf(this.pid).length;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code; `null` if a signal ended it. */
  async exitCode(): Promise<unknown> {
    return (await this.#exit)[0];
  }
}

function spawnServer({ args = [], env = {}, openFiles, inherited = [], wrapper = [] }: StartOptions): ServerChild {
  const command = [...wrapper, process.execPath, MAIN, ...args];
  const script = [
    ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles}`]),
    ...(inherited.length === 0 ? [] : [`export LISTEN_PID=$$ LISTEN_FDS=${inherited.length}`]),
    'exec "$0" "$@"',
  ].join(' && ');
  const neutral = Object.entries(process.env).filter(([name]) => !/^(EM_|LISTEN_|NOTIFY_|WATCHDOG_)/.test(name));
  const child = spawn('sh', ['-c', script, ...command], {
    stdio: ['ignore', 'pipe', 'pipe', ...inherited.map(({ fd }) => fd)],
    env: { ...Object.fromEntries(neutral), EM_ECHO_LOG_LEVEL: 'warning', ...env },
  }) as ServerChild;
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The names of the sockets of a process: `socket:[inode]`. */
function socketsOf(pid: number): string[] {
  return filesOf(pid).filter((name) => name.startsWith('socket:'));
}
