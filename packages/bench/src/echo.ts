import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bun } from './bun.ts';
import { Child, type Command } from './child.ts';
import { compileProgram } from './compile.ts';
import { cpuNsOf } from './process-figures.ts';
import { programPath } from './programs.ts';
import { CannotRun, type Contestant, type Figures, perOperation, type Running } from './question.ts';

const require = createRequire(import.meta.url);

const CAPACITY_MESSAGES = 10_000;
const WARM_UP_MESSAGES = 20_000;
const NS_PER_SECOND = 1e9;

/** An echo server: its name, and the command that starts it. It prints where it listens. */
export interface Server {
  readonly name: string;
  /** @param flags - For Node or Bun, if the server runs on one of these. */
  command(flags: readonly string[]): Command | Promise<Command>;
}

/** The behaviour of its clients. */
export interface Load {
  readonly connections: number;
  readonly bytes: number;
  readonly idle: number;
}

export const C_ECHO: Server = { name: 'C loop', command: async () => [await compileProgram('echo-server')] };

/** The built application of this repository. */
export const EM_ECHO_SERVER: Server = {
  name: '@em/echo-server',
  command: appCommand('--port=0'),
};

export const EM_RUN: Server = onNode('@em run(), bare', 'echo-em', 'run');
export const EM_WAIT: Server = onNode('@em wait(), bare', 'echo-em', 'wait');
export const ECHO_TRACED: Server = onNode('@em wait(), bare, traced', 'echo-em', 'wait', 'traced');
export const NODE_NET: Server = onNode('node:net', 'echo-net');
export const BUN_LISTEN: Server = {
  name: 'Bun.listen',
  command: (flags) => [bun(), ...flags, programPath('echo-bun')],
};

/** The command of the built application, with arguments. */
export function appCommand(...args: string[]): (flags: readonly string[]) => Command {
  const app = join(dirname(require.resolve('@em/echo-server/package.json')), 'dist/em-echo-server.js');
  return (flags) => [process.execPath, ...flags, app, ...args];
}

export function onNode(name: string, program: string, ...args: string[]): Server {
  return { name, command: (flags) => [process.execPath, ...flags, programPath(program), ...args] };
}

/** Starts a server. Returns it and its port. */
export async function startServer(command: Command): Promise<{ server: Child; port: string }> {
  const { child: server, greeting } = await Child.start(command);
  const port = /:(\d+)$/.exec(greeting)?.[1];
  if (port === undefined) {
    await server.stop();
    throw new CannotRun(`it should print where it listens, but printed: ${greeting}`);
  }
  return { server, port };
}

/** @param rate - Messages per second. Without it, each connection has one message under way. */
export async function startLoad(port: string, { connections, bytes, idle }: Load, rate?: number): Promise<Child> {
  const args = [port, connections, bytes, idle, ...(rate === undefined ? [] : [rate])].map(String);
  const { child } = await Child.start([await compileProgram('echo-load'), ...args]);
  return child;
}

/** At least one connection. */
function scaled({ connections, idle, bytes }: Load, scale: number): Load {
  return { connections: Math.ceil(connections * scale), idle: Math.ceil(idle * scale), bytes };
}

/** Returns how many messages per second a rate is. */
export type Rate = () => Promise<number>;

/** A server under load. The elapsed time is that of the messages, the CPU time that of the server only. */
export function echoContestant(server: Server, load: Load): Contestant {
  return saturated(server.name, (scale) => startEcho(server, scaled(load, scale)));
}

/** A server whose clients send as fast as it answers. */
export function saturated(name: string, startEcho: (scale: number) => Promise<Echo>): Contestant {
  return {
    name,
    async start({ scale = 1 }): Promise<Running> {
      const { clients, pid, stop } = await startEcho(scale);
      return {
        async round(operations): Promise<Figures> {
          const before = cpuNsOf(pid);
          const { wallNs = Number.NaN } = (await clients.ask(String(operations))) as Figures;
          return perOperation({ wallNs, cpuNs: cpuNsOf(pid) - before }, operations);
        },
        stop,
      };
    },
  };
}

/** A server whose clients send at a fixed rate. The latencies are those of messages, the CPU time that of the server. */
export function echoAtRate(server: Server, load: Load, rate: Rate): Contestant {
  return {
    name: server.name,
    async start({ scale = 1 }): Promise<Running> {
      const { clients, pid, stop } = await startEcho(server, scaled(load, scale), await rate(), scale);
      return {
        async round(operations): Promise<Figures> {
          const before = cpuNsOf(pid);
          const latencies = (await clients.ask(String(operations))) as Figures;
          return { ...latencies, ...perOperation({ cpuNs: cpuNsOf(pid) - before }, operations) };
        },
        stop,
      };
    },
  };
}

/** Measures how many messages per second a server can echo. */
export async function throughputOf(server: Server, load: Load): Promise<number> {
  const { clients, stop } = await startEcho(server, load);
  try {
    await clients.ask(String(CAPACITY_MESSAGES));
    const { wallNs = Number.NaN } = (await clients.ask(String(CAPACITY_MESSAGES))) as Figures;
    return CAPACITY_MESSAGES / (wallNs / NS_PER_SECOND);
  } finally {
    await stop();
  }
}

/** A server and its clients. */
export interface Echo {
  readonly clients: Child;
  readonly pid: number;
  stop(): Promise<void>;
}

/** @param rate - Messages per second. Before, the server gets as many as it can echo, so that its code is compiled. */
function startEcho(server: Server, load: Load, rate?: number, scale = 1): Promise<Echo> {
  return startBoth(server, async (port) => {
    if (rate !== undefined) {
      const warmUp = await startLoad(port, load);
      await warmUp.ask(String(Math.ceil(WARM_UP_MESSAGES * scale)));
      await warmUp.stop();
    }
    return startLoad(port, load, rate);
  });
}

/** Starts a server, and then its clients. */
export async function startBoth({ command }: Server, startClients: (port: string) => Promise<Child>): Promise<Echo> {
  const { server, port } = await startServer(await command([]));
  const clients = await startClients(port).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return {
    clients,
    pid: server.pid,
    async stop(): Promise<void> {
      await clients.stop();
      await server.stop('SIGKILL', 0);
    },
  };
}
