// Checks what docs/epoll-semantics.md says about GPIO chips and input devices.
import { readFileSync } from 'node:fs';
import { EventManager, EventSet, Ioctl, ioctl } from '@em/sys';
import { afterEach, expect, test } from 'vitest';
import { GpioChip, type GpioLines } from '../../src/gpio.js';
import { InputDevice, InputEventType, VirtualInput } from '../../src/input.js';
import { GpioSim } from '../gpio/gpio-sim.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';

const { IN, OUT, READ_HANG_UP } = EventSet;
const UI_DEV_DESTROY = Ioctl.none('U', 2);
const KEY_A = 30;

const table = readFileSync(new URL('../../../../docs/epoll-semantics.md', import.meta.url), 'utf8');
const toClose: { [Symbol.dispose](): void }[] = [];

expectNoDeviceLeftOpen();

afterEach(() => {
  for (const each of toClose.splice(0).reverse()) {
    each[Symbol.dispose]();
  }
});

function keep<T extends { [Symbol.dispose](): void }>(object: T): T {
  toClose.push(object);
  return object;
}

function lines(prepare: (sim: GpioSim, requested: GpioLines) => void): { readonly fd: number } {
  const sim = keep(new GpioSim(['BUTTON']));
  const chip = keep(GpioChip.open(sim.path));
  const requested = keep(chip.requestLines([0], { direction: 'input', edges: 'both' }));
  prepare(sim, requested);
  return requested;
}

function keyboard(prepare: (press: (value: number) => void, input: VirtualInput) => void): { readonly fd: number } {
  const input = keep(VirtualInput.create({ name: 'em states', keys: [KEY_A] }));
  const device = keep(InputDevice.open(input.eventPath ?? ''));
  prepare((value) => input.emit(InputEventType.KEY, KEY_A, value), input);
  return device;
}

function pressAndPull(sim: GpioSim, requested: GpioLines): void {
  using manager = new EventManager();
  manager.add(requested, IN, () => undefined);
  sim.pull(0, true);
  manager.wait(5_000);
}

test.each<[string, string, () => { readonly fd: number }]>([
  ['GPIO lines', 'no edge waits', () => lines(() => undefined)],
  ['GPIO lines', 'an edge waits', () => lines(pressAndPull)],
  [
    'GPIO lines',
    'the chip is gone, read or not',
    () =>
      lines((sim, requested) => {
        pressAndPull(sim, requested);
        sim.unplug();
      }),
  ],
  ['input device', 'no frame waits', () => keyboard((press) => press(1))],
  [
    'input device',
    'a frame waits',
    () =>
      keyboard((press, input) => {
        press(1);
        input.sync();
      }),
  ],
  ['input device', 'the device is gone', () => keyboard((_, input) => void ioctl(input.fd, UI_DEV_DESTROY))],
  [
    'input device',
    'the device is gone, a frame was not read',
    () =>
      keyboard((press, input) => {
        press(1);
        input.sync();
        ioctl(input.fd, UI_DEV_DESTROY);
      }),
  ],
])('%s, %s: reports what the page says', (kind, state, make) => {
  const { fd } = make();
  const columns = [IN, IN | READ_HANG_UP, OUT].map((interest) => {
    using manager = new EventManager();
    let names: readonly string[] = [];
    manager.add(fd, interest, (events) => {
      names = EventSet.toNames(events);
    });
    manager.wait(0);
    return names.join(', ') || '–';
  });
  expect(table).toContain(`| ${kind} | ${state} | ${columns.join(' | ')} |\n`);
});
