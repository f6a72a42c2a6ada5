import { constants, openSync } from 'node:fs';
import { close, dup, EventManager, EventSet, getFlags, open, read, write } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pty } from '../../src/pty.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

const { O_NOCTTY, O_RDWR } = constants;

expectNoDeviceLeftOpen();

let pty: Pty;
let slave: number | undefined;

beforeEach(() => {
  pty = Pty.open();
});

afterEach(() => {
  pty.close();
  closeSlave();
});

function openSlave(): number {
  slave = open(pty.slavePath, O_RDWR | O_NOCTTY);
  return slave;
}

function closeSlave(): void {
  if (slave !== undefined) {
    close(slave);
    slave = undefined;
  }
}

/** Reads from either end once there is something. */
function next(read: (buffer: Uint8Array) => number | undefined, fd: number): string {
  const buffer = Buffer.alloc(100);
  return buffer.toString(
    'latin1',
    0,
    waitFor({ fd }, () => read(buffer)),
  );
}

const output = () => next((buffer) => pty.read(buffer), pty.fd);
const input = (fd: number) => next((buffer) => read(fd, buffer), fd);

describe('a pty', () => {
  test('has a size, which changes', () => {
    expect(pty.size).toEqual({ columns: 80, rows: 24 });
    pty.resize({ columns: 132, rows: 50 });
    expect(pty.size).toEqual({ columns: 132, rows: 50 });
    using other = Pty.open({ columns: 0, rows: 65_535 });
    expect(other.size).toEqual({ columns: 0, rows: 65_535 });
  });

  test('edits input in lines and echoes it, until it is raw', () => {
    const fd = openSlave();
    pty.write(Buffer.from('hex\x7fllo\r'));
    expect([input(fd), output()]).toEqual(['hello\n', 'hex\b \bllo\r\n']);
    write(fd, Buffer.from('line\n'));
    expect(output()).toBe('line\r\n');

    pty.setRaw(true);
    pty.setRaw(true);
    pty.write(Buffer.from('\x03a\x7f\r\xff', 'latin1'));
    expect(input(fd)).toBe('\x03a\x7f\r\xff');
    write(fd, Buffer.from('line\n'));
    expect(output()).toBe('line\n');

    pty.setRaw(false);
    pty.write(Buffer.from('hex\x7fllo\r'));
    expect([input(fd), output()]).toEqual(['hello\n', 'hex\b \bllo\r\n']);
  });

  test('is as it was if raw mode is turned off that was never on', () => {
    const fd = openSlave();
    pty.setRaw(false);
    pty.write(Buffer.from('a\r'));
    expect(input(fd)).toBe('a\n');
  });

  test('ends once all output is read and no program has the terminal open', () => {
    const buffer = Buffer.alloc(100);
    expect(pty.read(buffer)).toBeUndefined();
    write(openSlave(), Buffer.from('the last words\n'));
    closeSlave();
    using manager = new EventManager();
    const reported: EventSet[] = [];
    manager.add(pty, EventSet.IN, (events) => void reported.push(events));
    manager.wait();
    expect(reported).toEqual([EventSet.IN | EventSet.HANG_UP]);
    expect(output()).toBe('the last words\r\n');
    expect([pty.read(buffer), pty.read(buffer)]).toEqual([0, 0]);
  });

  test('goes on when a program opens the terminal after its end', () => {
    write(openSlave(), Buffer.from('one\n'));
    closeSlave();
    output();
    expect(pty.read(Buffer.alloc(1))).toBe(0);
    write(openSlave(), Buffer.from('two\n'));
    expect(output()).toBe('two\r\n');
  });

  test('would block while no program reads, and moves only the given part of a buffer', () => {
    const fd = openSlave();
    pty.setRaw(true);
    const much = Buffer.alloc(65_536, 'x');
    let written = 0;
    for (let count: number | undefined = 0; count !== undefined; count = pty.write(much)) {
      written += count;
    }
    expect(written).toBeGreaterThan(0);
    for (let left = written; left > 0; left -= input(fd).length) {
      expect(left).toBeLessThanOrEqual(written);
    }
    expect(pty.write(Buffer.from('--ab--'), 2, 2)).toBe(2);
    expect(input(fd)).toBe('ab');
  });

  test('has errors that name it', () => {
    pty.setRaw(true);
    const { fd, slavePath } = pty;
    close(fd);
    expect(raises(() => pty.resize({ columns: 1, rows: 1 }))).toMatchObject({
      message: `Cannot resize ${slavePath}: EBADF: bad file descriptor, ioctl`,
      code: 'EBADF',
      path: slavePath,
    });
    expect(raises(() => pty.read(Buffer.alloc(1))).message).toMatch(`Cannot read from ${slavePath}: EBADF`);
    expect(raises(() => pty.close()).code).toBe('EBADF');
  });

  test.each([
    ['open', () => Pty.open({ columns: 80, rows: 65_536 }), 'ERR_OUT_OF_RANGE'],
    ['open', () => Reflect.apply(Pty.open, Pty, [{ columns: 80, rows: 24, col: 3 }]), 'ERR_INVALID_ARG_TYPE'],
    ['open', () => Reflect.apply(Pty.open, Pty, [{ columns: 80 }]), 'ERR_INVALID_ARG_TYPE'],
    ['open', () => Reflect.apply(Pty.open, Pty, [null]), 'ERR_INVALID_ARG_TYPE'],
    ['resize', () => pty.resize({ columns: -1, rows: 24 }), 'ERR_OUT_OF_RANGE'],
    ['resize', () => pty.resize({ columns: 0.5, rows: 24 }), 'ERR_OUT_OF_RANGE'],
    ['setRaw', () => Reflect.apply(pty.setRaw, pty, [1]), 'ERR_INVALID_ARG_TYPE'],
    ['read', () => pty.read(new Uint8Array(0)), 'ERR_OUT_OF_RANGE'],
    ['write', () => Reflect.apply(pty.write, pty, ['text']), 'ERR_INVALID_ARG_TYPE'],
    ['new', () => Reflect.construct(Pty, [3]), 'ERR_INVALID_ARG_TYPE'],
  ])('refuses a wrong argument: %s', (_, call, code) => {
    expect(raises(call).code).toBe(code);
    expect(pty.size).toEqual({ columns: 80, rows: 24 });
  });
});

describe('Pty.adopt()', () => {
  test('takes over a master, and makes it non-blocking and close-on-exec', () => {
    using adopted = Pty.adopt(dup(pty.fd));
    expect(adopted.slavePath).toBe(pty.slavePath);
    expect(getFlags(adopted.fd)).toMatchObject({ nonBlocking: true, closeOnExec: true });
  });

  test('refuses the terminal itself, and other files', () => {
    const fd = openSlave();
    expect(raises(() => Pty.adopt(fd))).toMatchObject({
      message: `Cannot adopt fd ${fd}: it is ${pty.slavePath}, not the master of a pty`,
      code: 'ERR_EM_WRONG_KIND',
      fd,
    });
    const other = openSync('/dev/null', 'r');
    expect(raises(() => Pty.adopt(other)).code).toBe('ERR_EM_WRONG_KIND');
    close(other);
  });
});
