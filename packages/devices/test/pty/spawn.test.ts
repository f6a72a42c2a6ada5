import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventManager, EventSet, Ioctl, ioctl } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { Pty, type PtySpawnOptions } from '../../src/pty.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { Terminal } from '../support/terminal.js';

const DONE = { exitCode: 0, signal: null };
const TIOCSPTLCK = Ioctl.write('T', 0x31, 4);

expectNoDeviceLeftOpen();

const run = async (command: string, ...args: string[]) => {
  using terminal = new Terminal(command, args);
  return await terminal.finish();
};

/** What the kernel says of a process: proc_pid_stat(5). */
function stateOf(pid: number): unknown {
  const [, name, rest = ''] = /\((.*)\) \w \d+ (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [group, session, , foreground] = rest.split(' ').map(Number);
  return { name, group, session, foreground };
}

describe('a program in a pty', () => {
  test('has the terminal as its input, output, error and controlling terminal', async () => {
    const script = 'tty; test -t 1 && test -t 2 && stty size < /dev/tty; echo $PPID';
    using terminal = new Terminal('sh', ['-c', script], {}, { columns: 132, rows: 50 });
    const { slavePath } = terminal.pty;
    expect(await terminal.finish()).toEqual({ ...DONE, output: `${slavePath}\r\n50 132\r\n${process.pid}\r\n` });
  });

  test('is the process of the ChildProcess, and leads its session and its group in the foreground', async () => {
    const pty = Pty.open();
    const child = pty.spawn('sleep', ['1000']);
    const { pid = -1 } = child;
    await expect.poll(() => stateOf(pid)).toEqual({ name: 'sleep', group: pid, session: pid, foreground: pid });
    child.kill();
    pty.close();
    expect(await pty.finished).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  test('gets its arguments, its environment and its working directory', async () => {
    const args = ['-c', 'echo "$0|$1|$2|$NAME|$(pwd)"', '-x', 'a  b', '$HOME'];
    using terminal = new Terminal('/bin/sh', args, { cwd: '/dev', env: { NAME: 'value' } });
    expect((await terminal.finish()).output).toBe('-x|a  b|$HOME|value|/dev\r\n');
  });

  test.each([
    ['its exit code', ['sh', '-c', 'exit 3'], { exitCode: 3, signal: null, output: '' }],
    ['its signal', ['sh', '-c', 'kill -KILL $$'], { exitCode: null, signal: 'SIGKILL', output: '' }],
  ] as const)('finishes with %s', async (_, [command, ...args], expected) => {
    expect(await run(command, ...args)).toEqual(expected);
  });

  test('has exit code 127 if there is no such command, and the terminal says so', async () => {
    const { exitCode, output } = await run('no-such-command');
    expect([exitCode, output]).toEqual([127, expect.stringContaining('no-such-command: not found')]);
  });

  test('has written all of its output when it is finished', async () => {
    const text = 'x'.repeat(20_000);
    for (let round = 0; round < 10; round++) {
      const results = await Promise.all(Array.from({ length: 10 }, async () => run('/bin/echo', text)));
      expect(results.map(({ exitCode, output }) => [exitCode, output.length])).toEqual(Array(10).fill([0, 20_002]));
    }
  });

  test('is not finished before its output is read', async () => {
    using pty = Pty.open();
    const child = pty.spawn('echo', ['hello']);
    await once(child, 'exit');
    const buffer = Buffer.alloc(100);
    let isFinished = false;
    void pty.finished.then(() => {
      isFinished = true;
    });
    expect(buffer.toString('latin1', 0, pty.read(buffer))).toBe('hello\r\n');
    await new Promise(setImmediate);
    expect(isFinished).toBe(false);
    expect(pty.read(buffer)).toBe(0);
    expect(await pty.finished).toEqual(DONE);
  });

  test('that is not read from waits, and makes no events while the registration is paused', async () => {
    const pty = Pty.open();
    using manager = new EventManager();
    const registration = manager.add(pty, EventSet.IN, () => registration.pause());
    pty.spawn('yes');
    manager.wait();
    expect(manager.wait(0)).toBe(0);
    pty.close();
    expect(await pty.finished).toEqual({ exitCode: null, signal: 'SIGHUP' });
  });

  test('gets SIGWINCH when the size changes', async () => {
    using terminal = new Terminal('sh', [
      '-c',
      'trap "stty size; exit 0" WINCH; echo ready; while :; do read line; done',
    ]);
    await terminal.until('ready\r\n');
    terminal.pty.resize({ columns: 100, rows: 40 });
    expect(await terminal.finish()).toEqual({ ...DONE, output: '40 100\r\n' });
  });
});

test('bash has job control: Ctrl-Z, fg, Ctrl-C', async () => {
  const env = { ...process.env, PS1: 'prompt> ', TERM: 'dumb', HISTFILE: '' };
  using terminal = new Terminal('bash', ['--norc', '--noprofile', '-i'], { env });
  // A signal drops what was typed before bash reads it, so each line is typed after a prompt.
  const line = async (text: string) => {
    await terminal.until('prompt> ');
    terminal.type(`${text}\r`);
  };
  // Without a child: one that is stopped before its exec(2) would block the shell.
  await line(`sh -c 'trap "echo conti""nued" CONT; echo run""ning; while :; do read line; done'`);
  await terminal.until('running\r\n');
  terminal.type('\x1a');
  await terminal.until('Stopped');
  await line('echo status $?');
  await terminal.until('status 148\r\n');
  await line('fg');
  await terminal.until('continued\r\n');
  terminal.type('\x03');
  await line('echo status $?');
  await terminal.until('status 130\r\n');
  await line('exit 7');
  expect(await terminal.finish()).toMatchObject({ exitCode: 7, signal: null });
});

describe('spawn()', () => {
  test('starts one program for each pty', async () => {
    using terminal = new Terminal('true', []);
    const { pty } = terminal;
    expect(raises(() => pty.spawn('true'))).toMatchObject({
      message: `Cannot spawn another program in ${pty.slavePath}: make a pty for each program`,
      code: 'ERR_EM_ALREADY_SPAWNED',
    });
    expect(await terminal.finish()).toMatchObject(DONE);
    expect(raises(() => pty.spawn('true')).code).toBe('ERR_EM_ALREADY_SPAWNED');
  });

  test.each<[string, PtySpawnOptions, string]>([
    ['the working directory', { cwd: '/no-such-folder' }, '; the working directory /no-such-folder does not exist'],
    [
      'the shell',
      { shell: '/no-such-shell' },
      '; a shell opens the terminal for the program, and /no-such-shell does not exist: name another shell by "options.shell"',
    ],
  ])('rejects finished if the child cannot be started, and says that %s is missing', async (_, options, reason) => {
    using pty = Pty.open();
    const child = pty.spawn('true', [], options);
    const shell = options.shell ?? '/bin/sh';
    await expect(pty.finished).rejects.toMatchObject({
      message: `Cannot start true in ${pty.slavePath}: spawn ${shell} ENOENT${reason}`,
      code: 'ENOENT',
      path: pty.slavePath,
    });
    expect(child.pid).toBeUndefined();
  });

  test('starts the program by another shell', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'em-shell-'));
    const shell = join(folder, 'shell');
    writeFileSync(shell, '#!/bin/sh\nSHELL_WAS="$0" exec /bin/sh "$@"\n', { mode: 0o755 });
    using terminal = new Terminal('sh', ['-c', 'echo $SHELL_WAS; tty; : < /dev/tty'], { shell });
    const { slavePath } = terminal.pty;
    expect(await terminal.finish()).toEqual({ ...DONE, output: `${shell}\r\n${slavePath}\r\n` });
    rmSync(folder, { recursive: true });
  });

  test('finishes although the child could not open the terminal', async () => {
    using locked = Pty.open();
    ioctl(locked.fd, TIOCSPTLCK, new Uint8Array(Int32Array.of(1).buffer));
    locked.spawn('true');
    expect(await locked.finished).toMatchObject({ exitCode: expect.any(Number), signal: null });
  });

  test.each([
    ['command', [3], 'ERR_INVALID_ARG_TYPE'],
    ['command', ['a\0b'], 'ERR_INVALID_ARG_VALUE'],
    ['args', ['true', 'x'], 'ERR_INVALID_ARG_TYPE'],
    ['options', ['true', [], { stdio: 'pipe' }], 'ERR_INVALID_ARG_TYPE'],
    ['options', ['true', [], null], 'ERR_INVALID_ARG_TYPE'],
    ['cwd', ['true', [], { cwd: 3 }], 'ERR_INVALID_ARG_TYPE'],
    ['shell', ['true', [], { shell: 3 }], 'ERR_INVALID_ARG_TYPE'],
  ])('refuses a wrong argument, and starts nothing: %s', async (_, args, code) => {
    using pty = Pty.open();
    expect(raises(() => Reflect.apply(pty.spawn, pty, args)).code).toBe(code);
    const child = pty.spawn('true');
    await once(child, 'exit');
  });

  test('throws if the pty is closed', () => {
    const pty = Pty.open();
    pty.close();
    expect(raises(() => pty.spawn('true')).code).toBe('ERR_EM_CLOSED');
  });
});

test('a pty does not need a thread', async () => {
  const count = () => readdirSync('/proc/self/task').length;
  using first = new Terminal('cat', []);
  const before = count();
  const others = Array.from({ length: 30 }, () => new Terminal('cat', []));
  others.map((terminal) => terminal.type('hello\r'));
  await Promise.all(others.map((terminal) => terminal.until('hello\r\nhello\r\n')));
  // Node may have started the threads of its pool meanwhile.
  expect(count() - before).toBeLessThan(others.length / 2);
  for (const terminal of others) {
    terminal.type('\x04');
    expect(await terminal.finish()).toMatchObject(DONE);
    terminal[Symbol.dispose]();
  }
  expect(first.pty.closed).toBe(false);
});
