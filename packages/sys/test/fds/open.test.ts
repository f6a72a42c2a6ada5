import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, existsSync, fstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { close, EventManager, EventSet, getFlags, open, PipeReader, read, write } from '../../src/index.js';
import { expectNoFilesLeftOpen, expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const { O_CREAT, O_EXCL, O_RDWR, O_WRONLY } = constants;
const program = new URL('../programs/opened-in-worker.mjs', import.meta.url);
const COUNT = 100;

let folder: string;
let fifo: string;

expectNoFilesLeftOpen();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-open-'));
  fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('open() opens for reading, close-on-exec and non-blocking', () => {
  const fd = open(fifo);
  expect(getFlags(fd)).toMatchObject({ access: 'read', closeOnExec: true, nonBlocking: true });
  expect(read(fd, new Uint8Array(1))).toBe(0);
  close(fd);
});

test('open() creates a file with the permissions that it is given', () => {
  const path = join(folder, 'file');
  const fd = open(Buffer.from(path), O_WRONLY | O_CREAT | O_EXCL, 0o600);
  expect(write(fd, Buffer.from('text'))).toBe(4);
  close(fd);
  expect(readFileSync(path, 'utf8')).toBe('text');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('open() takes a path that is not UTF-8', () => {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff)]);
  close(open(path, O_WRONLY | O_CREAT));
  expect(existsSync(path)).toBe(true);
});

test('an error of open() names the path', () => {
  const message = "ENOENT: no such file or directory, open '/nowhere'";
  expect(raises(() => open('/nowhere'))).toMatchObject({ message, code: 'ENOENT', syscall: 'open', path: '/nowhere' });
  expect(raises(() => open(Buffer.from('/nowhere')))).toMatchObject({ message, path: Buffer.from('/nowhere') });
  expect(raises(() => open(fifo, O_WRONLY)).code).toBe('ENXIO');
  expect(raises(() => open('x'.repeat(5000))).code).toBe('ENAMETOOLONG');
});

test('an fd of open() can be watched by its number, and by an fd object', () => {
  using manager = new EventManager();
  const fd = open(fifo, O_RDWR);
  using reader = PipeReader.adopt(open(fifo, O_RDWR));
  let calls = 0;
  for (const source of [fd, reader]) {
    manager.add(source, EventSet.IN, () => calls++);
  }
  write(fd, Uint8Array.of(1));
  manager.wait();
  expect(calls).toBe(2);
  manager.delete(fd);
  close(fd);
});

describe('a worker that is terminated closes no file that another thread has opened by then', () => {
  test.each([
    'PipeReader.adopt(fs.openSync())',
    'PipeWriter.adopt(fs.openSync())',
    'a class of the user',
    'detach() after fs.openSync()',
    'PipeReader.adopt(open())',
    'open()',
  ])('%s', async (way) => {
    const worker = new Worker(program, { workerData: { path: fifo, way, count: COUNT } });
    const exit = once(worker, 'exit');
    expect(await once(worker, 'message')).toEqual(['closed']);
    // These get the numbers that the worker used.
    const mine = Array.from({ length: 3 * COUNT }, () => open('/dev/null'));
    await worker.terminate();
    await exit;
    const lost = mine.filter((fd) => !isDevNull(fd));
    for (const fd of mine.filter(isDevNull)) {
      close(fd);
    }
    expect(lost).toEqual([]);
  });
});

test.each(['exit', 'terminate'])('the fds of a worker are closed when it ends, by %s', async (end) => {
  const before = openFiles();
  const source = `import { openSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    import { open, PipeReader } from ${JSON.stringify(import.meta.resolve('@em/sys'))};
    globalThis.kept = [open('/dev/null'), PipeReader.adopt(openSync(${JSON.stringify(fifo)}, ${O_RDWR}))];
    parentPort.once('message', () => process.exit());
    parentPort.postMessage('open');`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { stderr: true });
  const exit = once(worker, 'exit');
  await once(worker, 'message');
  expect(openFiles().size).toBeGreaterThan(before.size + 1);
  if (end === 'exit') {
    worker.postMessage('end');
  } else {
    await worker.terminate();
  }
  await exit;
  await expectOpened(before);
});

function isDevNull(fd: number): boolean {
  try {
    return fstatSync(fd).rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}
