import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bun } from './bun.ts';
import { Child, type Command } from './child.ts';
import { compileProgram } from './compile.ts';
import { cpuNsOf } from './process-figures.ts';
import { programPath } from './programs.ts';
import { CannotRun, type Contestant, type Figures, perOperation, type Running } from './question.ts';

const require = createRequire(import.meta.url);

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
  command: (flags) => [
    process.execPath,
    ...flags,
    join(dirname(require.resolve('@em/echo-server/package.json')), 'dist/em-echo-server.js'),
    '--port=0',
  ],
};

export const EM_RUN: Server = onNode('@em run(), bare', 'echo-em', 'run');
export const EM_WAIT: Server = onNode('@em wait(), bare', 'echo-em', 'wait');
export const NODE_NET: Server = onNode('node:net', 'echo-net');
export const BUN_LISTEN: Server = {
  name: 'Bun.listen',
  command: (flags) => [bun(), ...flags, programPath('echo-bun')],
};

function onNode(name: string, program: string, ...args: string[]): Server {
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

export async function startLoad(port: string, { connections, bytes, idle }: Load): Promise<Child> {
  const args = [port, connections, bytes, idle].map(String);
  const { child } = await Child.start([await compileProgram('echo-load'), ...args]);
  return child;
}

/** At least one connection. */
function scaled({ connections, idle, bytes }: Load, scale: number): Load {
  return { connections: Math.ceil(connections * scale), idle: Math.ceil(idle * scale), bytes };
}

/** A server under load. The elapsed time is that of the messages, the CPU time that of the server only. */
export function echoContestant({ name, command }: Server, load: Load): Contestant {
  return {
    name,
    async start({ scale = 1 }): Promise<Running> {
      const { server, port } = await startServer(await command([]));
      const clients = await startLoad(port, scaled(load, scale)).catch(async (error: unknown) => {
        await server.stop();
        throw error;
      });
      return {
        async round(operations): Promise<Figures> {
          const before = cpuNsOf(server.pid);
          const { wallNs = Number.NaN } = (await clients.ask(String(operations))) as Figures;
          return perOperation({ wallNs, cpuNs: cpuNsOf(server.pid) - before }, operations);
        },
        async stop(): Promise<void> {
          await clients.stop();
          await server.stop('SIGKILL', 0);
        },
      };
    },
  };
}
