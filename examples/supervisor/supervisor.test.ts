import assert from 'node:assert/strict';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { test } from './runner.ts';
import { Supervisor } from './supervisor.ts';

const DAY_MS = 86_400_000;

/** A supervisor in virtual time, and fakes of all that it needs. */
function start() {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const children: ReturnType<FakePoller['pidfd']>[] = [];
  const log: string[] = [];
  const note = (message: string): void => void log.push(`${poller.nowMs} ${message}`);
  const spawn = (name: string) => {
    const child = poller.pidfd({ pid: 1000 + children.length, exitCode: null, signalCode: null });
    children.push(child);
    note(`start ${name}`);
    return child;
  };
  const [health, services] = poller.datagramPair();
  const supervisor = new Supervisor({ manager, health, spawn, log: note });
  supervisor.start('web');
  return { poller, supervisor, services, children, log, running: manager.run({ until: 'empty' }) };
}

/** Sends the name of the service every second, as a healthy service does. Returns a function that stops it. */
function sendHealth({ poller, services }: ReturnType<typeof start>): () => void {
  let cancel: () => void;
  const send = (): void => {
    services.send(new TextEncoder().encode('web'));
    cancel = poller.after(1_000, send);
  };
  send();
  return () => cancel();
}

test('a service that ends starts again, later each time', async () => {
  const { poller, children, log } = start();
  for (let times = 0; times < 3; times++) {
    children.at(-1)?.exit({ exitCode: 1 });
    await poller.advance(400);
  }
  assert.deepEqual(log, [
    '0 start web',
    '0 web: exit code 1',
    '100 start web',
    '400 web: exit code 1',
    '600 start web',
    '800 web: exit code 1',
    '1200 start web',
  ]);
});

test('a service that ran for five minutes starts again soon', async () => {
  const world = start();
  const { poller, children, log } = world;
  sendHealth(world);
  children.at(-1)?.exit({ exitCode: 1 });
  await poller.advance(300_100);
  children.at(-1)?.exit({ signal: 'SIGSEGV' });
  await poller.advance(100);
  assert.deepEqual(log.slice(-2), ['300100 web: SIGSEGV', '300200 start web']);
});

test('a service that hangs is killed ten seconds after its last message, and starts again', async () => {
  const world = start();
  const { poller, log } = world;
  const hang = sendHealth(world);
  await poller.advance(DAY_MS / 24);
  assert.deepEqual(log, ['0 start web']);
  hang();
  await poller.advance(10_100);
  assert.deepEqual(log.slice(1), ['3610000 web hangs', '3610000 web: SIGKILL', '3610100 start web']);
});

test('a service that cannot be watched is killed, and started again', async () => {
  const { poller, children, log } = start();
  children[0]?.exit({ exitCode: 1 });
  poller.failNext('add', 'ENOSPC');
  await poller.advance(300);
  assert.deepEqual(log.slice(2), [
    '100 start web',
    '100 web: cannot be started: Error: ENOSPC: no space left on device, epoll_ctl',
    '300 start web',
  ]);
  assert.equal(children[1]?.closed, true);
});

test('stop() ends a service with SIGTERM, and lets the manager end', async () => {
  const { poller, supervisor, children, log, running } = start();
  const stopped = supervisor.stop();
  await poller.advance(1_000);
  assert.deepEqual(children[0]?.signals, ['SIGTERM']);
  children[0]?.exit({ signal: 'SIGTERM' });
  await poller.advance(0);
  await Promise.all([stopped, running]);
  assert.deepEqual(log, ['0 start web', '1000 web: SIGTERM']);
});

test('stop() kills a service that ignores SIGTERM for five seconds', async () => {
  const { poller, supervisor, log, running } = start();
  const stopped = supervisor.stop();
  await poller.advance(5_000);
  await Promise.all([stopped, running]);
  assert.deepEqual(log, ['0 start web', '5000 web: SIGKILL']);
});

test('a service that waits for its next start does not start after stop()', async () => {
  const { poller, supervisor, children, log, running } = start();
  children[0]?.exit();
  await poller.advance(50);
  await supervisor.stop();
  await poller.advance(DAY_MS);
  await running;
  assert.deepEqual(log, ['0 start web', '0 web: exit code 0']);
});
