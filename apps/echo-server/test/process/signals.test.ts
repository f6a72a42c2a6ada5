import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, connectTo, echoOf, readBytes } from './client.js';
import { MAIN, startServer } from './server-process.js';

const HELLO = Buffer.from('hello');

/** Sends both signals to the own process when it loads `@em/sys`. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === '@em/sys') {
        process.kill(process.pid, 'SIGUSR1');
        process.kill(process.pid, 'SIGUSR2');
      }
      return next(specifier, context);
    },
  });
`)}`;

test('SIGHUP stops the server as SIGTERM does: the client gets everything', async () => {
  const server = await startServer({ args: ['--drain-ms', '2000'] });
  const socket = await connectTo(server);
  socket.write(HELLO);
  await readBytes(socket, HELLO.length);
  server.kill('SIGHUP');
  socket.end();
  expect(await server.exitCode()).toBe(0);
});

test('SIGUSR1 does not open the debugger of Node', async () => {
  const server = await startServer();
  for (let i = 0; i < 3; i++) {
    server.kill('SIGUSR1');
    expect(await echoOf(await connectTo(server), HELLO)).toBe(checksum(HELLO));
  }
  server.kill('SIGTERM');
  expect(await server.exitCode()).toBe(0);
  expect(server.stderr).toBe('');
});

test('SIGUSR1 and SIGUSR2 have no effect while the server is still loading', async () => {
  const child = spawn(process.execPath, ['--import', HOOK, MAIN, '--version'], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stderr, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
});

test('a second signal ends the server at once', async () => {
  const server = await startServer();
  const socket = await connectTo(server);
  socket.write(HELLO);
  await readBytes(socket, HELLO.length);
  server.kill('SIGTERM');
  await until('the server has begun to stop', () => server.listeners === 0);
  server.kill('SIGHUP');
  expect(await server.exitCode()).toBe(129);
});
