import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Starts an echo server on a free port, sends it one message, and stops it with SIGTERM. */
export async function echoOnce(
  [command = '', ...args]: readonly string[],
  options: SpawnOptions,
): Promise<{ echoed: string; exitCode: number | null }> {
  const server = spawn(command, [...args, '--port', '0'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'close');
  try {
    const [line] = (await Promise.race([once(server.stdout, 'data'), ended.then(() => [''])])) as [unknown];
    const port = Number(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/.exec(String(line))?.[1]);
    const client = connect(port, '127.0.0.1');
    client.end('hello');
    const echoed = await text(client);
    server.kill('SIGTERM');
    const [exitCode] = (await ended) as [number | null];
    return { echoed, exitCode };
  } finally {
    server.kill('SIGKILL');
  }
}
