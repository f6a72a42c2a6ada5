// Uses each device during run(). A test starts with the name of the entry that it uses. Where a device is missing, the
// test is skipped.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { CanSocket } from '@em/devices/can';
import { GpioChip } from '@em/devices/gpio';
import { InputDevice, InputEventType, type InputFrame, VirtualInput } from '@em/devices/input';
import { PressureTrigger } from '@em/devices/pressure';
import { Pty } from '@em/devices/pty';
import { SerialPort } from '@em/devices/serial';
import { Termios } from '@em/devices/termios';
import { Tun } from '@em/devices/tun';
import { VMADDR, VsockListener, VsockStream } from '@em/devices/vsock';
import { EventManager, EventSet, type FdObject, UdpSocket } from '@em/sys';
import { runTests, testUnless } from '../../../../tools/ci/runtimes/run-tests.js';
import { GpioSim } from '../gpio/gpio-sim.js';

/** linux/input-event-codes.h */
const KEY_A = 30;
const PING = Buffer.from('ping');

type Read = (buffer: Uint8Array) => number | undefined;

/** Defines a test with a manager that runs. After the test, no registration may be left. */
function testRunning(lacks: string | false, name: string, run: (manager: EventManager) => Promise<void>): void {
  testUnless(lacks, name, async () => {
    using manager = new EventManager();
    const running = manager.run();
    await run(manager);
    assert.equal(manager.size, 0);
    manager.stop();
    await running;
  });
}

/** Waits for events until `attempt` does not block, and returns its result. */
async function waitFor<R>(
  manager: EventManager,
  object: FdObject,
  attempt: () => R | undefined,
  events: EventSet = EventSet.IN,
): Promise<R> {
  for (;;) {
    const result = attempt();
    if (result !== undefined) {
      return result;
    }
    await manager.once(object, events);
  }
}

/** Waits for bytes, and returns what one read gives, as text. */
async function received(manager: EventManager, object: FdObject & { read: Read }): Promise<string> {
  const buffer = Buffer.alloc(64);
  const length = await waitFor(manager, object, () => object.read(buffer));
  return buffer.toString('latin1', 0, length);
}

/** Returns all output of a program in a terminal. */
async function outputOf(manager: EventManager, pty: Pty): Promise<string> {
  const buffer = Buffer.alloc(65_536);
  let output = '';
  for (;;) {
    const length = await waitFor(manager, pty, () => pty.read(buffer));
    if (length === 0) {
      return output;
    }
    output += buffer.toString('latin1', 0, length);
  }
}

/** Why a device cannot be opened here, or `false`. */
function lackOf(open: () => { close(): void }): string | false {
  try {
    open().close();
    return false;
  } catch (error) {
    return String(error instanceof Error ? error.message : error);
  }
}

const without = (path: string): string | false => !existsSync(path) && `there is no ${path}`;

testRunning(without('/sys/class/net/vcan0'), 'can: a frame passes to another socket on the bus', async (manager) => {
  using receiver = CanSocket.open('vcan0', { filters: [{ id: 0x123 }] });
  using sender = CanSocket.open('vcan0');
  const frame = waitFor(manager, receiver, () => receiver.receive());
  sender.send({ id: 0x321 });
  sender.send({ id: 0x123, data: PING });
  assert.deepEqual([(await frame).id, String(Buffer.from((await frame).data))], [0x123, 'ping']);
});

const noGpio = without('/sys/kernel/config/gpio-sim');
testRunning(noGpio, 'gpio: an edge of an input is reported, and an output is set', async (manager) => {
  using sim = new GpioSim(['BUTTON', 'LED']);
  using chip = GpioChip.open(sim.path);
  using button = chip.requestLines(['BUTTON'], { direction: 'input', edges: 'both' });
  using led = chip.requestLines(['LED'], { direction: 'output' });
  const events = waitFor(manager, button, () => button.read());
  sim.pull(0, true);
  assert.deepEqual(
    (await events).map(({ offset, edge }) => [offset, edge]),
    [[0, 'rising']],
  );
  led.set([true]);
  assert.deepEqual([button.get(), sim.level(1)], [[true], 1]);
});

const noInput = lackOf(() => VirtualInput.create({ name: 'em smoke', keys: [KEY_A] }));
testRunning(noInput, 'input: a virtual keyboard presses a key, and a reader gets the frame', async (manager) => {
  using keyboard = VirtualInput.create({ name: 'em smoke', keys: [KEY_A] });
  using device = InputDevice.open(keyboard.eventPath ?? '');
  assert.equal(device.name, 'em smoke');
  const frame: Promise<InputFrame> = waitFor(manager, device, () => device.readFrame());
  keyboard.emit(InputEventType.KEY, KEY_A, 1);
  keyboard.sync();
  assert.deepEqual(
    (await frame).events.map(({ type, code, value }) => [type, code, value]),
    [[InputEventType.KEY, KEY_A, 1]],
  );
});

const noPressure = lackOf(() => PressureTrigger.open({ resource: 'cpu', stallMicroseconds: 1 }));
testRunning(noPressure, 'pressure: a trigger reports that programs wait for the CPU', async (manager) => {
  using trigger = PressureTrigger.open({ resource: 'cpu', stallMicroseconds: 1 });
  // More than there are CPUs.
  const count = availableParallelism() + 1;
  const busy = Array.from({ length: count }, () => spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
  await manager.once(trigger, EventSet.PRIORITY);
  for (const program of busy) {
    program.kill('SIGKILL');
  }
});

const noPty = lackOf(() => Pty.open());
testRunning(noPty, 'pty: a program sees the size and its input, and its exit code is reported', async (manager) => {
  using pty = Pty.open({ columns: 80, rows: 24 });
  pty.spawn('sh', ['-c', 'read line; stty size < /dev/tty; echo "<$line>"; exit 7']);
  pty.resize({ columns: 132, rows: 50 });
  pty.write(Buffer.from('hello\r'));
  assert.equal(await outputOf(manager, pty), 'hello\r\n50 132\r\n<hello>\r\n');
  assert.deepEqual(await pty.finished, { exitCode: 7, signal: null });
});

testRunning(noPty, 'pty: no output of short commands is missing', async (manager) => {
  const text = 'x'.repeat(20_000);
  for (let command = 0; command < 5; command++) {
    using pty = Pty.open();
    pty.spawn('echo', [text]);
    const [output, { exitCode }] = await Promise.all([outputOf(manager, pty), pty.finished]);
    assert.deepEqual([output.length, exitCode], [text.length + 2, 0]);
  }
});

testRunning(noPty, 'serial: bytes pass in both directions, at a speed that no table has', async (manager) => {
  using device = Pty.open();
  using port = SerialPort.open(device.slavePath, { baudRate: 12_345 });
  assert.equal(port.baudRate, 12_345);
  const question = received(manager, device);
  port.write(Buffer.from('\0\r\n\xff', 'latin1'));
  assert.equal(await question, '\0\r\n\xff');
  const answer = received(manager, port);
  device.write(PING);
  assert.equal(await answer, 'ping');
  await port.drain();
});

testRunning(noPty, 'termios: a terminal passes output as it is, or with carriage returns', async (manager) => {
  const { OPOST } = Termios.constants;
  for (const [set, output] of [
    [0, 'ping\n'],
    [OPOST, 'ping\r\n'],
  ] as const) {
    using pty = Pty.open();
    const settings = Termios.get(pty.fd);
    Termios.set(pty.fd, { ...settings, c_oflag: (settings.c_oflag & ~OPOST) | set });
    pty.spawn('echo', ['ping']);
    assert.equal(await outputOf(manager, pty), output);
  }
});

const noTun = lackOf(() => {
  execFileSync('ip', ['link'], { stdio: 'ignore' });
  return Tun.open();
});
testRunning(noTun, 'tun: a datagram to an address behind the interface is received as a packet', async (manager) => {
  using tun = Tun.open();
  execFileSync('ip', ['address', 'add', '10.9.7.1/24', 'dev', tun.name]);
  execFileSync('ip', ['link', 'set', tun.name, 'up']);
  using socket = UdpSocket.bind({ host: '10.9.7.1', port: 0 });
  socket.sendTo({ address: '10.9.7.2', port: 7 }, PING);
  const buffer = Buffer.alloc(2048);
  let packet = Buffer.alloc(0);
  // The kernel also sends packets of its own.
  while (!packet.subarray(-4).equals(PING)) {
    packet = buffer.subarray(0, await waitFor(manager, tun, () => tun.receive(buffer)));
  }
  assert.equal(packet.length, 20 + 8 + PING.length);
});

const noVsock = lackOf(() => VsockListener.listen({ cid: VMADDR.CID_LOCAL }));
testRunning(noVsock, 'vsock: a connection carries bytes in both directions, and ends', async (manager) => {
  using listener = VsockListener.listen({ cid: VMADDR.CID_LOCAL });
  using client = VsockStream.connect(listener.address);
  using server = await waitFor(manager, listener, () => listener.accept());
  client.write(PING);
  assert.equal(await received(manager, server), 'ping');
  server.write(PING);
  assert.equal(await received(manager, client), 'ping');
  client.close();
  assert.equal(await received(manager, server), '');
});

await runTests();
