import { Child, type Command } from '../child.ts';
import { BUN_LISTEN, C_ECHO, EM_ECHO_SERVER, type Server } from '../echo.ts';
import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { cpuNsOf } from '../process-figures.ts';
import { type Contestant, type Figures, perOperation, type Question } from '../question.ts';

export const startUp: Question = {
  name: 'start-up',
  title: 'From the start of a process until it is ready',
  cases: [
    {
      title: 'a program has imported',
      operation: 'start',
      metrics: ['cpuNs', 'wallNs'],
      contestants: [
        nodeScript('Node, nothing', ''),
        nodeScript('@em/core', "import '@em/core';"),
        nodeScript('@em/sys', "import '@em/sys';"),
        nodeScript('@em/sys, a manager made', "import { EventManager } from '@em/sys'; new EventManager();"),
        nodeScript(`npm epoll ${NPM_EPOLL_VERSION}`, async () => {
          const addon = JSON.stringify(await buildNpmEpoll());
          return `import { createRequire } from 'node:module'; createRequire(import.meta.url)(${addon});`;
        }),
        nodeScript('node:net', "import 'node:net';"),
      ],
    },
    {
      title: 'an echo server listens',
      operation: 'start',
      metrics: ['cpuNs', 'wallNs'],
      contestants: [
        server(C_ECHO),
        server(EM_ECHO_SERVER),
        nodeScript(
          'node:net',
          "import { createServer } from 'node:net'; await new Promise((up) => createServer().listen(0, up));",
        ),
        server(BUN_LISTEN),
      ],
    },
  ],
  effort: ({ rounds }) => ({ rounds: Math.ceil(rounds / 2), roundMs: 1, warmUpMs: 0 }),
};

function server({ name, command }: Server): Contestant {
  return start(name, async () => command([]));
}

/** Runs a script on Node, which then prints `ready`. */
function nodeScript(name: string, script: string | (() => Promise<string>)): Contestant {
  return start(name, async () => {
    const text = typeof script === 'string' ? script : await script();
    const whole = `${text} console.log('ready'); process.stdin.resume();`;
    return [process.execPath, '--input-type=module', '--eval', whole];
  });
}

/** Starts a process per round, and waits for its first line. */
function start(name: string, command: () => Promise<Command>): Contestant {
  const round = async (operations: number): Promise<Figures> => {
    const sum = { wallNs: 0, cpuNs: 0 };
    for (let i = 0; i < operations; i++) {
      const line = await command();
      const before = process.hrtime.bigint();
      const { child } = await Child.start(line);
      sum.wallNs += Number(process.hrtime.bigint() - before);
      sum.cpuNs += cpuNsOf(child.pid);
      await child.stop('SIGKILL', 0);
    }
    return perOperation(sum, operations);
  };
  return { name, start: () => Promise.resolve({ round, stop: () => Promise.resolve() }) };
}
