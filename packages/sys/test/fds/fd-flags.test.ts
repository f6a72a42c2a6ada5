import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { close, dup, EventFd, getFlags, Pipe, setNonBlocking } from '../../src/index.js';
import { raises } from '../support/raises.js';

const { O_APPEND, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
/** Of asm-generic/fcntl.h, and not in `fs.constants`. */
const O_PATH = 0o1000_0000;

describe('getFlags()', () => {
  const plain = { nonBlocking: false, append: false, closeOnExec: true };

  test.each<[what: string, flags: number, expected: object]>([
    ['for reading', O_RDONLY, { ...plain, access: 'read' }],
    ['for writing', O_WRONLY, { ...plain, access: 'write' }],
    ['for both', O_RDWR, { ...plain, access: 'readWrite' }],
    ['for its path alone', O_PATH, { ...plain, access: 'none' }],
    ['for ioctl(2) alone', 3, { ...plain, access: 'none' }],
    ['to append', O_WRONLY | O_APPEND, { ...plain, access: 'write', append: true }],
    ['so that nothing blocks', O_RDWR | O_NONBLOCK, { ...plain, access: 'readWrite', nonBlocking: true }],
  ])('of a file that was opened %s', (_what, flags, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'em-flags-'));
    closeSync(openSync(join(folder, 'file'), 'w'));
    const fd = openSync(join(folder, 'file'), flags);
    expect(getFlags(fd)).toMatchObject(expected);
    expect(getFlags(fd).bits & flags).toBe(flags);
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  // Node sets close-on-exec for low numbers, so the test uses a high one.
  test('of an fd that the process inherited', () => {
    const program = "import { getFlags } from '@em/sys'; console.log(getFlags(40).closeOnExec)";
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', ...Array(37).fill('ignore'), 'pipe'],
    });
    expect(printed).toBe('false\n');
  });

  test('of the fds that this package opens', () => {
    using eventFd = new EventFd();
    expect(getFlags(eventFd.fd)).toEqual({
      access: 'readWrite',
      nonBlocking: true,
      append: false,
      closeOnExec: true,
      bits: O_RDWR | O_NONBLOCK,
    });
  });

  test('refuses an fd that is not open, and values that are not fds', () => {
    const fd = new EventFd().detach();
    close(fd);
    expect(raises(() => getFlags(fd))).toMatchObject({ code: 'EBADF', syscall: 'fcntl', fd });
    expect(raises(() => getFlags(-1)).code).toBe('ERR_OUT_OF_RANGE');
  });
});

describe('setNonBlocking()', () => {
  test('changes whether the open file blocks, for all of its fds, and keeps its other flags', () => {
    const { reader, writer } = Pipe.open();
    const twin = dup(writer.fd);
    const before = getFlags(twin);
    expect(before.bits).toBe(O_WRONLY | O_NONBLOCK);
    setNonBlocking(writer.fd, false);
    expect(getFlags(twin)).toEqual({ ...before, nonBlocking: false, bits: O_WRONLY });
    setNonBlocking(writer.fd, true);
    setNonBlocking(writer.fd, true);
    expect(getFlags(twin)).toEqual(before);
    reader.close();
    writer.close();
    close(twin);
  });

  test('refuses an fd that is not open, and arguments of the wrong type', () => {
    const fd = new EventFd().detach();
    close(fd);
    expect(raises(() => setNonBlocking(fd, true))).toMatchObject({ code: 'EBADF', syscall: 'fcntl', fd });
    expect(raises(() => setNonBlocking(-1, true)).code).toBe('ERR_OUT_OF_RANGE');
    expect(raises(() => Reflect.apply(setNonBlocking, undefined, [0, 1])).code).toBe('ERR_INVALID_ARG_TYPE');
  });
});
