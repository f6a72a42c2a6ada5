import { existsSync } from 'node:fs';
import { EventFd, EventManager, EventSet } from '@em/sys';
import { expect, test } from 'vitest';
import { PressureTrigger, readPressure } from '../../src/pressure.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const CPU = { resource: 'cpu', stallMicroseconds: 1 } as const;

expectNoDeviceLeftOpen();

test.each<[string, unknown, string]>([
  ['no options', undefined, 'ERR_INVALID_ARG_TYPE'],
  ['another resource', { resource: 'disk', stallMicroseconds: 1 }, 'ERR_OUT_OF_RANGE'],
  ['no threshold', { resource: 'cpu' }, 'ERR_INVALID_ARG_TYPE'],
  ['a threshold of 0', { resource: 'cpu', stallMicroseconds: 0 }, 'ERR_OUT_OF_RANGE'],
  ['a threshold beyond the window', { resource: 'cpu', stallMicroseconds: 2_000_001 }, 'ERR_OUT_OF_RANGE'],
  ['a window that is too short', { ...CPU, windowMicroseconds: 499_999 }, 'ERR_OUT_OF_RANGE'],
  ['a window that is too long', { ...CPU, windowMicroseconds: 10_000_001 }, 'ERR_OUT_OF_RANGE'],
  ['another scope', { ...CPU, scope: 'none' }, 'ERR_OUT_OF_RANGE'],
  ['a number for a folder', { ...CPU, cgroup: 3 }, 'ERR_INVALID_ARG_TYPE'],
  ['an unknown option', { ...CPU, threshold: 3 }, 'ERR_INVALID_ARG_TYPE'],
])('open() refuses %s', (_, options, code) => {
  expect(raises(() => PressureTrigger.open(options as never)).code).toBe(code);
});

test('a control group that does not exist is named', () => {
  expect(raises(() => PressureTrigger.open({ ...CPU, cgroup: '/sys/fs/cgroup/none' }))).toMatchObject({
    code: 'ENOENT',
    path: '/sys/fs/cgroup/none/cpu.pressure',
  });
});

test('readPressure() refuses another resource', () => {
  expect(raises(() => readPressure('disk' as never)).code).toBe('ERR_OUT_OF_RANGE');
});

const hasPressure = existsSync('/proc/pressure/cpu');

test.skipIf(!hasPressure)('shares and sums are read', () => {
  const { some } = readPressure('cpu');
  for (const share of [some.avg10, some.avg60, some.avg300]) {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(100);
  }
  expect(some.totalMicroseconds).toBeGreaterThan(0);
});

test.skipIf(!hasPressure)('a trigger can be set and waited on', () => {
  using manager = new EventManager();
  const trigger = PressureTrigger.open(CPU);
  expect(trigger.path).toBe('/proc/pressure/cpu');
  manager.add(trigger, EventSet.PRIORITY, () => undefined);
  manager.wait(0);
  trigger.close();
  expect(manager.size).toBe(0);
});

test.skipIf(!hasPressure)('adopt() takes over a trigger, and no other file', () => {
  using trigger = PressureTrigger.adopt(PressureTrigger.open(CPU).detach());
  expect(trigger.path).toBe('/proc/pressure/cpu');
  using eventFd = new EventFd();
  expect(raises(() => PressureTrigger.adopt(eventFd.fd)).code).toBe('ERR_EM_WRONG_KIND');
});
