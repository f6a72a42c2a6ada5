import { Child, type Command } from '../child.ts';
import { compileProgram } from '../compile.ts';
import { BUN_LISTEN, C_ECHO, EM_ECHO_SERVER, EM_RUN, NODE_NET, type Server, startLoad, startServer } from '../echo.ts';
import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { memoryOf } from '../process-figures.ts';
import { programPath } from '../programs.ts';
import type { Contestant, Figures, Question } from '../question.ts';

/** Created before the first measurement, so that memory that grows in steps has grown. */
const FORMER = 2_000;
const REGISTRATIONS = 10_000;
const CONNECTIONS = 8_000;
const FEW_CONNECTIONS = 50;
/** Not in TypeScript as the other one, because to strip the types takes Node 10 MB. */
const PLAIN_NODE_NET: Server = {
  name: NODE_NET.name,
  command: () => [
    process.execPath,
    '--input-type=module',
    '--eval',
    `import { createServer } from 'node:net';
    const server = createServer((client) => client.pipe(client));
    server.listen(0, '127.0.0.1', () => console.log('listening on tcp://127.0.0.1:' + server.address().port));`,
  ],
};
const SERVERS = [C_ECHO, EM_ECHO_SERVER, PLAIN_NODE_NET, BUN_LISTEN];

export const memory: Question = {
  name: 'memory',
  title: 'Memory of the process, without that of the kernel',
  cases: [
    {
      title: `${REGISTRATIONS.toLocaleString('en')} eventfds are added`,
      operation: 'registration',
      metrics: ['bytes'],
      contestants: [
        registrations('C loop', async () => [await compileProgram('register'), String(FORMER + REGISTRATIONS)]),
        registrations('@em', () => registerOnNode('em')),
        registrations(`npm epoll ${NPM_EPOLL_VERSION}`, async () => registerOnNode('epoll', await buildNpmEpoll())),
      ],
    },
    {
      title: `${REGISTRATIONS.toLocaleString('en')} eventfds are added, only the heap of V8`,
      operation: 'registration',
      metrics: ['bytes'],
      contestants: [onHeap('@em', registerOnNode('em'))],
      targets: [{ claim: 'at most 200 bytes', metric: 'bytes', of: '@em', bound: { atMost: 200 } }],
    },
    {
      title: `${CONNECTIONS.toLocaleString('en')} clients connect and say nothing`,
      operation: 'idle connection',
      metrics: ['bytes'],
      contestants: [C_ECHO, EM_ECHO_SERVER, EM_RUN, NODE_NET, BUN_LISTEN].map(connections),
      targets: [{ claim: 'at most 0.5 kB', metric: 'bytes', of: EM_ECHO_SERVER.name, bound: { atMost: 500 } }],
    },
    {
      title: 'a server has started',
      operation: 'server',
      metrics: ['bytes'],
      contestants: SERVERS.map((server) => started(server, 0)),
    },
    {
      title: `a server has started, and ${FEW_CONNECTIONS} clients have connected`,
      operation: 'server',
      metrics: ['bytes'],
      contestants: SERVERS.map((server) => started(server, FEW_CONNECTIONS)),
      targets: [
        {
          claim: 'at most 1.5 times as much as node:net',
          metric: 'bytes',
          of: EM_ECHO_SERVER.name,
          to: NODE_NET.name,
          bound: { atMost: 1.5 },
        },
      ],
    },
  ],
  effort: (asked) => ({ ...asked, rounds: Math.ceil(asked.rounds / 5), roundMs: 0, warmUpMs: 0 }),
};

function registerOnNode(...args: string[]): Command {
  const [way = '', ...rest] = args;
  return [process.execPath, '--expose-gc', programPath('register'), way, String(FORMER + REGISTRATIONS), ...rest];
}

/** Starts a process per round, and measures its growth by all the registrations. */
function registrations(name: string, command: () => Command | Promise<Command>): Contestant {
  return eachTime(name, async (scale) => {
    const { child } = await Child.start(await command());
    try {
      await child.ask(String(FORMER * scale));
      const before = memoryOf(child.pid);
      await child.ask(String(REGISTRATIONS * scale));
      return (memoryOf(child.pid) - before) / (REGISTRATIONS * scale);
    } finally {
      await child.stop();
    }
  });
}

/** Starts a process per round, and asks it how much its heap has grown by all the registrations. */
function onHeap(name: string, command: Command): Contestant {
  return eachTime(name, async (scale) => {
    const { child } = await Child.start(command);
    const usedAfter = async (registrations: number): Promise<number> => {
      const { bytes } = (await child.ask(String(registrations))) as Figures;
      return bytes ?? Number.NaN;
    };
    try {
      const before = await usedAfter(FORMER * scale);
      return ((await usedAfter(REGISTRATIONS * scale)) - before) / (REGISTRATIONS * scale);
    } finally {
      await child.stop();
    }
  });
}

/** Starts a server per round, and measures its growth by all the connections. */
function connections({ name, command }: Server): Contestant {
  return eachTime(name, async (scale) => {
    const { server, port } = await startServer(
      await command(['--expose-gc', '--import', programPath('gc-on-request')]),
    );
    const clients: Child[] = [];
    try {
      const used = async (idle: number): Promise<number> => {
        clients.push(await startLoad(port, { connections: 1, bytes: 64, idle }));
        if (name !== C_ECHO.name) {
          await server.ask('collect');
        }
        return memoryOf(server.pid);
      };
      const before = await used(FORMER * scale);
      return ((await used(CONNECTIONS * scale)) - before) / (CONNECTIONS * scale);
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
      await server.stop('SIGKILL', 0);
    }
  });
}

/** Starts a server per round, and measures all of its memory. */
function started({ name, command }: Server, connections: number): Contestant {
  return eachTime(name, async () => {
    const { server, port } = await startServer(await command([]));
    const clients = connections > 0 ? await startLoad(port, { connections, bytes: 64, idle: 0 }) : undefined;
    try {
      return memoryOf(server.pid);
    } finally {
      await clients?.stop();
      await server.stop('SIGKILL', 0);
    }
  });
}

function eachTime(name: string, bytes: (scale: number) => Promise<number>): Contestant {
  return {
    name,
    start: async ({ scale = 1 }) => ({
      round: async () => ({ bytes: await bytes(scale) }),
      stop: () => Promise.resolve(),
    }),
  };
}
