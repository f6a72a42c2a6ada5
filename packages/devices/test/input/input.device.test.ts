import { existsSync } from 'node:fs';
import { EventManager, EventSet } from '@em/sys';
import { expect, test } from 'vitest';
import {
  InputDevice,
  InputEventType,
  type InputFrame,
  listInputDevices,
  VirtualInput,
  type VirtualInputOptions,
} from '../../src/input.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

// linux/input-event-codes.h
const KEY_A = 30;
const KEY_B = 48;
const REL_X = 0;
const REL_Y = 1;
const ABS_X = 0;
const ABS_MT_POSITION_X = 0x35;
const SW_LID = 0;

/** Each has three events. The kernel keeps 512 events for a reader of a device with touches. */
const FRAMES = 400;

expectNoDeviceLeftOpen();

function create(options: Omit<VirtualInputOptions, 'name'>): VirtualInput {
  return VirtualInput.create({ name: 'em test', ...options });
}

function eventPath(input: VirtualInput): string {
  expect(input.eventPath).toMatch(/^\/dev\/input\/event\d+$/);
  return input.eventPath ?? '';
}

/** Returns type, code and value of the events. */
function changes(frame: InputFrame | undefined): readonly (readonly number[])[] | undefined {
  return frame?.events.map(({ type, code, value }) => [type, code, value]);
}

test('a virtual device is an input device until it is closed', () => {
  const id = { bus: 3, vendor: 0x1234, product: 0x5678, version: 2 };
  using input = create({
    id,
    keys: [KEY_A, KEY_B],
    relative: [REL_X],
    absolute: [{ code: ABS_X, min: -5, max: 1000 }],
    switches: [SW_LID],
  });
  const path = eventPath(input);
  using device = InputDevice.open(path);
  expect(device.name).toBe('em test');
  expect(device.id).toEqual(id);
  const { codes, absolute, properties } = device.capabilities;
  expect(codes).toEqual(
    new Map([
      [InputEventType.KEY, [KEY_A, KEY_B]],
      [InputEventType.REL, [REL_X]],
      [InputEventType.ABS, [ABS_X]],
      [InputEventType.SW, [SW_LID]],
    ]),
  );
  expect(absolute).toEqual(new Map([[ABS_X, { value: 0, min: -5, max: 1000, fuzz: 0, flat: 0, resolution: 0 }]]));
  expect(properties).toEqual([]);
  expect(listInputDevices()).toContainEqual({ path, name: 'em test' });
  input.close();
  expect(existsSync(path)).toBe(false);
  expect(listInputDevices()).not.toContainEqual({ path, name: 'em test' });
});

test('events arrive in frames, and IN is reported until the last frame is read', () => {
  using input = create({ keys: [KEY_A], relative: [REL_X, REL_Y] });
  const path = eventPath(input);
  using device = InputDevice.open(path);
  expect(device.readFrame()).toBeUndefined();
  const before = Date.now() * 1000;
  input.emit(InputEventType.REL, REL_X, 7);
  input.emit(InputEventType.REL, REL_Y, -3);
  expect(device.readFrame()).toBeUndefined();
  input.sync();
  input.emit(InputEventType.KEY, KEY_A, 1);
  input.sync();

  using manager = new EventManager();
  const frames: InputFrame[] = [];
  manager.add(device, EventSet.IN, () => {
    frames.push(device.readFrame() as InputFrame);
  });
  manager.wait();
  manager.wait();
  expect(frames.map(changes)).toEqual([
    [
      [InputEventType.REL, REL_X, 7],
      [InputEventType.REL, REL_Y, -3],
    ],
    [[InputEventType.KEY, KEY_A, 1]],
  ]);
  const { events, resynchronized } = frames[0] as InputFrame;
  expect(resynchronized).toBe(false);
  expect(events[0]?.timeMicroseconds).toBeGreaterThan(before - 1_000_000);
  expect(events[0]?.timeMicroseconds).toBeLessThan(Date.now() * 1000 + 1_000_000);
  expect(device.readFrame()).toBeUndefined();
});

test('read() returns the events as the kernel has them', () => {
  using input = create({ keys: [KEY_A] });
  const path = eventPath(input);
  using device = InputDevice.open(path);
  const buffer = Buffer.alloc(240);
  expect(device.read(buffer)).toBeUndefined();
  input.emit(InputEventType.KEY, KEY_A, 1);
  input.sync();
  expect(waitFor(device, () => device.read(buffer))).toBe(48);
  expect([buffer.readUInt16LE(16), buffer.readUInt16LE(18), buffer.readInt32LE(20)]).toEqual([
    InputEventType.KEY,
    KEY_A,
    1,
  ]);
  expect(raises(() => device.read(buffer, 0, 23))).toMatchObject({ code: 'EINVAL', path });
});

test('grab() keeps events from other readers', () => {
  using input = create({ keys: [KEY_A] });
  const path = eventPath(input);
  using one = InputDevice.open(path);
  using other = InputDevice.open(path);
  const press = (value: number): void => {
    input.emit(InputEventType.KEY, KEY_A, value);
    input.sync();
  };
  one.grab(true);
  press(1);
  expect(changes(one.readFrame())).toEqual([[InputEventType.KEY, KEY_A, 1]]);
  expect(other.readFrame()).toBeUndefined();
  expect(raises(() => other.grab(true))).toMatchObject({
    code: 'EBUSY',
    path,
    message: expect.stringContaining(`Cannot grab ${path}: EBUSY`),
  });
  one.grab(false);
  press(0);
  expect(changes(one.readFrame())).toEqual([[InputEventType.KEY, KEY_A, 0]]);
  expect(changes(other.readFrame())).toEqual([[InputEventType.KEY, KEY_A, 0]]);
  expect(raises(() => one.grab(false))).toMatchObject({ code: 'EINVAL', path });
  expect(raises(() => one.grab(1 as never)).code).toBe('ERR_INVALID_ARG_TYPE');
});

test('after events were lost, a frame has the present state', () => {
  using input = create({
    keys: [KEY_A, KEY_B],
    relative: [REL_X],
    absolute: [
      { code: ABS_X, min: 0, max: 1000 },
      { code: ABS_MT_POSITION_X, min: 0, max: 1000 },
    ],
    switches: [SW_LID],
  });
  const path = eventPath(input);
  using device = InputDevice.open(path);
  input.emit(InputEventType.KEY, KEY_B, 1);
  input.emit(InputEventType.SW, SW_LID, 1);
  input.sync();
  for (let position = 1; position <= FRAMES; position += 1) {
    input.emit(InputEventType.REL, REL_X, 1);
    input.emit(InputEventType.ABS, ABS_X, position);
    input.sync();
  }
  const first = device.readFrame();
  expect(first?.resynchronized).toBe(true);
  expect(changes(first)).toEqual([
    [InputEventType.KEY, KEY_A, 0],
    [InputEventType.KEY, KEY_B, 1],
    [InputEventType.SW, SW_LID, 1],
    [InputEventType.ABS, ABS_X, FRAMES],
  ]);
  let last: InputFrame | undefined;
  for (let frame = device.readFrame(); frame !== undefined; frame = device.readFrame()) {
    expect(frame.resynchronized).toBe(false);
    last = frame;
  }
  input.emit(InputEventType.KEY, KEY_A, 1);
  input.sync();
  expect(last?.events.at(-1)).toMatchObject({ code: ABS_X, value: FRAMES });
  expect(changes(device.readFrame())).toEqual([[InputEventType.KEY, KEY_A, 1]]);
});

test('a device that is removed is reported, and the error of a read names it', () => {
  using input = create({ keys: [KEY_A] });
  const path = eventPath(input);
  using device = InputDevice.open(path);
  using manager = new EventManager();
  const seen: string[] = [];
  manager.add(device, EventSet.IN, (events, registration) => {
    seen.push(EventSet.format(events & EventSet.HANG_UP));
    registration.delete();
  });
  input.close();
  manager.wait();
  expect(seen).toEqual(['HANG_UP']);
  for (const call of [
    () => device.readFrame(),
    () => device.read(Buffer.alloc(24)),
    () => device.name,
    () => device.capabilities,
    () => device.grab(true),
  ]) {
    expect(raises(call)).toMatchObject({ code: 'ENODEV', path, message: expect.stringContaining(path) });
  }
  expect(raises(() => InputDevice.open(path))).toMatchObject({ code: 'ENOENT', path });
});

test('adopt() takes over the fds of both classes', () => {
  const created = create({ keys: [KEY_A] });
  const { path } = created;
  using input = VirtualInput.adopt(created.detach());
  expect(input.path).toBe(path);
  using device = InputDevice.adopt(InputDevice.open(eventPath(input)).detach());
  expect(device.path).toBe(eventPath(input));
  input.emit(InputEventType.KEY, KEY_A, 1);
  input.sync();
  expect(changes(device.readFrame())).toEqual([[InputEventType.KEY, KEY_A, 1]]);
  expect(raises(() => input.emit(InputEventType.KEY, KEY_A, 2 ** 31)).code).toBe('ERR_OUT_OF_RANGE');
});
