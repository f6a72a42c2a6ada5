import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MessagePort, Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { EventManager, EventSet, ThreadChannel, ThreadPort } from '../../src/index.js';
import { addonPath } from '../support/addon-path.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';

const { IN } = EventSet;
const program = new URL('../programs/port-worker.mjs', import.meta.url);
const terminations = fileURLToPath(new URL('../programs/port-terminations.mjs', import.meta.url));
const COUNT = 20_000;
const TERMINATIONS = process.env['EM_TERMINATIONS'] ?? '40';

expectNoFilesLeftOpen();

function start(port: MessagePort, drive: string, task: string): Worker {
  return new Worker(program, { workerData: { port, drive, task, count: COUNT }, transferList: [port] });
}

/** Receives as many messages as a worker sends, sending some in between. They must be the numbers from 0 on. */
async function expectAll(worker: Worker, port: ThreadPort<number, number>, drive: string): Promise<void> {
  using manager = new EventManager();
  const exit = once(worker, 'exit');
  let received = 0;
  manager.add(port, IN, () => {
    const message = port.receive();
    if (message !== undefined) {
      expect(message).toBe(received++);
    }
    if (received === COUNT) {
      manager.stop();
    }
  });
  if (drive === 'run') {
    await manager.run();
  }
  while (received < COUNT) {
    manager.wait();
  }
  port.close();
  await exit;
}

/** Terminates many workers, in a process of its own, because a fault ends the process. */
async function expectCleanEnds(drive: string): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [terminations, TERMINATIONS, drive]);
  const { wrong, fds } = JSON.parse(stdout);
  expect(wrong).toEqual([]);
  expect(fds[1]).toBe(fds[0]);
}

const DRIVES = ['run', 'wait'].flatMap((here) => ['run', 'wait'].map((there) => [here, there] as const));

onEachHostLoop('between the main thread and a worker', () => {
  test.each(DRIVES)('messages are received in order, in %s() here and %s() there', async (here, there) => {
    const { port1, port2 } = new ThreadChannel();
    const worker = start(port2, there, 'flood');
    await expectAll(worker, new ThreadPort(port1), here);
  });

  test.each(DRIVES)('messages come back one by one, in %s() here and %s() there', async (here, there) => {
    using manager = new EventManager();
    const { port1, port2 } = new ThreadChannel();
    const worker = start(port2, there, 'echo');
    const exit = once(worker, 'exit');
    const port = new ThreadPort<number, number>(port1);
    port.post(0);
    let last = 0;
    manager.add(port, IN, () => {
      const message = port.receive();
      if (message !== undefined) {
        expect(message).toBe(last);
        port.post(++last);
      }
      if (last === 2000) {
        port.close();
        manager.stop();
      }
    });
    if (here === 'run') {
      await manager.run();
    }
    while (last < 2000) {
      manager.wait();
    }
    await exit;
  });

  test('a worker can be terminated in run() at any moment', async () => {
    await expectCleanEnds('run');
  }, 180_000);
});

describe('between threads', () => {
  test('a worker can be terminated in wait() at any moment', async () => {
    await expectCleanEnds('wait');
  }, 180_000);

  test('two workers exchange messages without the thread that started them', async () => {
    const { port1, port2 } = new ThreadChannel();
    const far = start(port2, 'wait', 'echo');
    const source = `const { parentPort, workerData } = require('node:worker_threads');
      import(${JSON.stringify(import.meta.resolve('@em/sys'))}).then(({ EventManager, EventSet, ThreadPort }) => {
        const manager = new EventManager();
        const port = new ThreadPort(workerData);
        manager.add(port, EventSet.IN, () => parentPort.postMessage(port.receive()));
        port.post('echo');
        manager.wait();
      });`;
    const near = new Worker(source, { eval: true, workerData: port1, transferList: [port1] });
    const exits = [once(near, 'exit'), once(far, 'exit')];
    expect(await once(near, 'message')).toEqual(['echo']);
    await Promise.all(exits);
  });

  test('a port is transferred by a message of another port', async () => {
    using manager = new EventManager();
    const { port1, port2 } = new ThreadChannel();
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
      parentPort.once('message', (port) => {
        import(${JSON.stringify(import.meta.resolve('@em/sys'))}).then(({ ThreadPort }) => {
          new ThreadPort(port).post('from the worker');
        });
      });`,
      { eval: true },
    );
    using port = new ThreadPort(port1);
    worker.postMessage(port2, [port2]);
    const exit = once(worker, 'exit');
    manager.add(port, IN, () => undefined);
    while (port.receive() !== 'from the worker') {
      manager.wait();
    }
    await exit;
    expect([port.receive(), port.ended]).toEqual([undefined, true]);
  });

  test('a worker that ends without opening its port ends the other one, in run()', async () => {
    using manager = new EventManager();
    const run = manager.run();
    const { port1, port2 } = new ThreadChannel();
    using port = new ThreadPort(port1);
    port.post('never received');
    start(port2, 'run', 'ignore');
    await manager.once(port, IN);
    expect([port.receive(), port.ended, port.post(1)]).toEqual([undefined, true, false]);
    manager.stop();
    await run;
  });

  test('a worker that is terminated while it blocks in wait() ends the port of a thread that blocks in wait()', async () => {
    using manager = new EventManager();
    const { port1, port2 } = new ThreadChannel();
    using port = new ThreadPort(port1);
    const worker = start(port2, 'wait', 'echo');
    const exit = once(worker, 'exit');
    port.post('ready?');
    manager.add(port, IN, () => undefined);
    manager.wait();
    expect(port.receive()).toBe('ready?');
    expect(port.receive()).toBeUndefined();
    void worker.terminate();
    manager.wait();
    expect([port.receive(), port.ended, port.post(1)]).toEqual([undefined, true, false]);
    await exit;
  });

  test('a port that is garbage-collected ends the other one, with a warning', async () => {
    const forgotten = fileURLToPath(new URL('../programs/forgotten-port.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', forgotten], { timeout: 30_000 });
    expect(stdout).toMatch(
      /^EM_FORGOTTEN_FD ThreadPort with fd \d+ was garbage-collected without close\(\); it is closed now\n$/,
    );
  });

  test('a thread that loaded another copy of the addon cannot open its port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'em-port-'));
    const copy = join(folder, 'copy.node');
    copyFileSync(addonPath, copy);
    const { port1, port2 } = new ThreadChannel();
    using port = new ThreadPort(port1);
    const worker = new Worker(program, {
      workerData: { port: port2, drive: 'run', task: 'echo' },
      transferList: [port2],
      env: { ...process.env, EM_SYS_BINDING: copy },
    });
    const [error] = await once(worker, 'error');
    expect(error).toMatchObject({
      code: 'ERR_EM_CLOSED',
      message: expect.stringContaining('another copy of the addon'),
    });
    expect(port.ended).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
