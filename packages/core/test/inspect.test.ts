import { inspect } from 'node:util';
import { expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ListPoller } from './list-poller.js';

test('a registration shows fd, interest, label and state', () => {
  const manager = new EventManager({ poller: new ListPoller() });
  const registration = manager.add(7, EventSet.IN | EventSet.ONE_SHOT, vi.fn(), { label: 'door bell' });
  expect(inspect(registration)).toBe("Registration { fd: 7, events: IN|ONE_SHOT, label: 'door bell' }");
  registration.pause();
  expect(inspect(registration)).toMatch(/, paused }$/);
  registration.delete();
  expect(inspect(registration)).toMatch(/, ended }$/);
});

test('a manager shows its registrations, and that it is closed', () => {
  const manager = new EventManager({ poller: new ListPoller() });
  manager.add(7, EventSet.IN, vi.fn());
  const shown = inspect(manager);
  expect(shown).toMatch(/^EventManager {/);
  expect(shown).toContain('size: 1');
  expect(shown).toContain('Registration { fd: 7, events: IN }');
  manager.close();
  expect(inspect(manager)).toContain('closed: true');
});
