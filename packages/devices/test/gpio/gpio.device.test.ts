import { EventManager, EventSet, getFlags } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GpioChip, GpioLines, listGpioChips } from '../../src/gpio.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';
import { GpioSim } from './gpio-sim.js';

const BUTTON = 1;
const LED = 2;
let sim: GpioSim;
let chip: GpioChip;

expectNoDeviceLeftOpen();

beforeEach(() => {
  sim = new GpioSim(['', 'BUTTON', 'LED', '']);
  chip = GpioChip.open(sim.path);
});

afterEach(() => {
  chip.close();
  sim[Symbol.dispose]();
});

test('chips are listed', () => {
  const name = sim.path.slice('/dev/'.length);
  expect(listGpioChips()).toContainEqual({ path: sim.path, name, label: 'em-sim', lineCount: 4 });
  expect(chip.info).toMatchObject({ name, lineCount: 4 });
});

test('adopt() takes over the fds of a chip and of its lines', () => {
  using adopted = GpioChip.adopt(GpioChip.open(sim.path).detach());
  expect(adopted.path).toBe(sim.path);
  const fd = adopted.requestLines([LED, 0], { direction: 'output' }).detach();
  using lines = GpioLines.adopt(fd, [LED, 0]);
  lines.set([undefined, true]);
  expect([sim.level(0), sim.level(LED)]).toEqual([1, 0]);
  expect(lines.offsets).toEqual([LED, 0]);
});

test('lines are listed with their users and settings', () => {
  using _button = chip.requestLines(['BUTTON'], {
    direction: 'input',
    edges: 'falling',
    bias: 'pull-up',
    activeLow: true,
    debounceMicroseconds: 5000,
    consumer: 'em button',
  });
  using _led = chip.requestLines(['LED'], { direction: 'output', drive: 'open-drain' });
  const free = {
    name: undefined,
    used: false,
    consumer: undefined,
    direction: 'input',
    edges: 'none',
    bias: 'as-is',
    drive: 'push-pull',
    activeLow: false,
    debounceMicroseconds: 0,
  };
  expect(chip.lines()).toEqual([
    { ...free, offset: 0 },
    {
      ...free,
      offset: BUTTON,
      name: 'BUTTON',
      used: true,
      consumer: 'em button',
      edges: 'falling',
      bias: 'pull-up',
      activeLow: true,
      debounceMicroseconds: 5000,
    },
    {
      ...free,
      offset: LED,
      name: 'LED',
      used: true,
      consumer: 'event-manager',
      direction: 'output',
      drive: 'open-drain',
    },
    { ...free, offset: 3 },
  ]);
});

test('edges are events with the time of the kernel, the line and the sequence', () => {
  using lines = chip.requestLines([3, 'BUTTON'], { direction: 'input', edges: 'both' });
  expect(getFlags(lines.fd)).toMatchObject({ nonBlocking: true, closeOnExec: true });
  expect(lines.read()).toBeUndefined();
  const before = process.hrtime.bigint();
  const pulls = [
    [BUTTON, true],
    [3, true],
    [BUTTON, false],
  ] as const;
  const events = pulls.flatMap(([offset, high]) => {
    sim.pull(offset, high);
    return waitFor(lines, () => lines.read());
  });
  expect(events).toMatchObject([
    { offset: BUTTON, edge: 'rising', sequence: 1, lineSequence: 1 },
    { offset: 3, edge: 'rising', sequence: 2, lineSequence: 1 },
    { offset: BUTTON, edge: 'falling', sequence: 3, lineSequence: 2 },
  ]);
  const times = [before, ...events.map(({ timestamp }) => timestamp), process.hrtime.bigint()];
  expect(times).toEqual([...times].sort((one, other) => Number(one - other)));
  expect(lines.get()).toEqual([true, false]);
});

test('only the edges that were asked for are reported, and a line that is active-low is active while it is low', () => {
  using lines = chip.requestLines([BUTTON], { direction: 'input', edges: 'rising', activeLow: true });
  for (const lineSequence of [1, 2]) {
    sim.pull(BUTTON, true);
    sim.pull(BUTTON, false);
    expect(waitFor(lines, () => lines.read())).toMatchObject([{ edge: 'rising', lineSequence }]);
    expect(lines.get()).toEqual([true]);
  }
});

test('a debounced line reports a level only once it is stable', () => {
  using lines = chip.requestLines([BUTTON], { direction: 'input', edges: 'both', debounceMicroseconds: 300_000 });
  for (const high of [true, false, true, false, true]) {
    sim.pull(BUTTON, high);
  }
  expect(waitFor(lines, () => lines.read())).toMatchObject([{ edge: 'rising', lineSequence: 1 }]);
  sim.pull(BUTTON, false);
  expect(waitFor(lines, () => lines.read())).toMatchObject([{ edge: 'falling', lineSequence: 2 }]);
});

test('outputs are set, and keep their level if they are left out', () => {
  using lines = chip.requestLines([0, LED], { direction: 'output', values: [true, false] });
  const levels = (): number[] => [sim.level(0), sim.level(LED)];
  expect(levels()).toEqual([1, 0]);
  lines.set([undefined, true]);
  expect(levels()).toEqual([1, 1]);
  lines.set([false]);
  expect(levels()).toEqual([0, 1]);
  lines.set([]);
  expect(lines.get()).toEqual([false, true]);
  expect(raises(() => lines.set([true, true, true])).code).toBe('ERR_OUT_OF_RANGE');
});

describe('a request throws an error', () => {
  test('that names the line in use and its user', () => {
    using _lines = chip.requestLines([BUTTON], { direction: 'input', consumer: 'doorbell' });
    expect(raises(() => chip.requestLines([0, 'BUTTON'], { direction: 'input' }))).toMatchObject({
      code: 'EBUSY',
      path: sim.path,
      message:
        `Cannot request lines 0, 1 of ${sim.path}: EBUSY: resource busy or locked, ioctl; ` +
        'line 1 is in use by doorbell',
    });
    // The other line is still free.
    chip.requestLines([0], { direction: 'input' }).close();
  });

  test.each<[string, unknown]>([
    ['an offset beyond the last', [4]],
    ['a name that no line has', ['BELL']],
    ['one line twice', [BUTTON, 'BUTTON']],
    ['no line', []],
  ])('for %s', (_, lines) => {
    expect(raises(() => chip.requestLines(lines as never, { direction: 'input' })).code).toBe('ERR_OUT_OF_RANGE');
  });

  test('for lines that are no array', () => {
    expect(raises(() => chip.requestLines('BUTTON' as never, { direction: 'input' })).code).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });
});

test('inputs cannot be set', () => {
  using lines = chip.requestLines([BUTTON], { direction: 'input' });
  expect(raises(() => lines.set([true]))).toMatchObject({ code: 'EPERM', path: sim.path });
});

test('an edge wakes the manager', async () => {
  using manager = new EventManager();
  using lines = chip.requestLines(['BUTTON'], { direction: 'input', edges: 'rising' });
  const seen: string[] = [];
  manager.add(lines, EventSet.IN, () => {
    seen.push(...(lines.read() ?? []).map(({ edge }) => edge));
    manager.stop();
  });
  const running = manager.run();
  setImmediate(() => sim.pull(BUTTON, true));
  await running;
  expect(seen).toEqual(['rising']);
});

test('events that were dropped because they were not read in time are counted', () => {
  using lines = chip.requestLines([BUTTON], { direction: 'input', edges: 'both' });
  using other = chip.requestLines([3], { direction: 'input', edges: 'both' });
  for (let edge = 1; edge <= 60; edge += 1) {
    sim.pull(BUTTON, edge % 2 === 1);
    // The kernel merges edges that are too fast. Those of the other line show that it had time.
    sim.pull(3, edge % 2 === 1);
    waitFor(other, () => other.read());
  }
  const kept = lines.read() ?? [];
  expect(kept).toHaveLength(16);
  const [first] = kept;
  expect(lines.lostEvents).toBe((first?.sequence ?? 0) - 1);
  expect(lines.lostEvents).toBeGreaterThan(0);
  const { lostEvents } = lines;
  sim.pull(BUTTON, true);
  waitFor(lines, () => lines.read());
  expect([lines.lostEvents, other.lostEvents]).toEqual([lostEvents, 0]);
});

test('a chip that is gone is no longer listed', () => {
  sim.unplug();
  expect(listGpioChips().map(({ path }) => path)).not.toContain(sim.path);
  expect(raises(() => GpioChip.open(sim.path))).toMatchObject({ code: 'ENOENT', path: sim.path });
});
