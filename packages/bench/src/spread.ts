import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Server, startServer } from './echo.ts';
import { CannotRun, type Contestant, type Running } from './question.ts';

const PAUSE_MS = 2;
const CLOSE_LIMIT_MS = 10_000;

/**
 * How a server spreads new connections over its threads: the part that the busiest of them gets. An operation makes all
 * connections.
 *
 * @param isAtOnce - Otherwise each connection is made when there was an echo on the one before.
 */
export function spread(server: Server, connections: number, isAtOnce: boolean): Contestant {
  return {
    name: server.name,
    async start({ scale = 1 }): Promise<Running> {
      const count = Math.ceil(connections * scale);
      const { server: child, port } = await startServer(await server.command([]));
      const instances = epollInstancesOf(child.pid);
      const entries = (): number[] => instances.map(entriesOf);
      const before = entries();
      const busiestPart = async (): Promise<number> => {
        const sockets = await connectAll(Number(port), count, isAtOnce);
        const most = Math.max(...entries().map((present, index) => present - (before[index] ?? 0)));
        for (const socket of sockets) {
          socket.resetAndDestroy();
        }
        const limit = performance.now() + CLOSE_LIMIT_MS;
        while (entries().some((present, index) => present !== before[index])) {
          if (performance.now() > limit) {
            throw new CannotRun('it did not close the connections');
          }
          await setTimeout(PAUSE_MS);
        }
        return (100 * most) / count;
      };
      return {
        async round(operations) {
          let total = 0;
          for (let i = 0; i < operations; i++) {
            total += await busiestPart();
          }
          return { busiestPart: total / operations };
        },
        stop: () => child.stop('SIGKILL', 0),
      };
    },
  };
}

async function connectAll(port: number, count: number, isAtOnce: boolean): Promise<Socket[]> {
  const sockets: Socket[] = [];
  const echoes: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.write('x');
    sockets.push(socket);
    const echo = once(socket, 'data');
    echoes.push(echo);
    if (!isAtOnce) {
      await echo;
    }
  }
  await Promise.all(echoes);
  return sockets;
}

/** The files in /proc of the epoll instances of a process. */
function epollInstancesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[eventpoll]')
    .map((fd) => `/proc/${pid}/fdinfo/${fd}`);
}

/** The length of the interest list of an epoll instance. */
function entriesOf(instance: string): number {
  return readFileSync(instance, 'utf8').split('\ntfd:').length - 1;
}
