import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, expect, test } from 'vitest';
import { type DiagnosticsMessages, EventFd, EventManager, EventSet } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const { IN, OUT } = EventSet;

expectNoFilesLeftOpen();

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) {
    end();
  }
});

/** Subscribes until the end of the test. */
function collect<N extends keyof DiagnosticsMessages>(
  name: N,
  onMessage: (message: DiagnosticsMessages[N]) => void,
): void {
  const listener = (message: unknown): void => onMessage(message as DiagnosticsMessages[N]);
  subscribe(name, listener);
  ends.push(() => unsubscribe(name, listener));
}

test('subscribers see registrations that are added and that end, and no others', () => {
  const seen: unknown[] = [];
  const pollers = new Set<object>();
  using manager = new EventManager();
  using eventFd = new EventFd();
  manager.add(eventFd, IN, () => undefined, { label: 'before' }).delete();
  collect('em.registration.add', ({ registration, poller }) => {
    pollers.add(poller);
    seen.push(['add', registration.label, registration.fd]);
  });
  collect('em.registration.end', ({ registration, poller }) => {
    pollers.add(poller);
    seen.push(['end', registration.label, registration.active]);
  });
  const registration = manager.add(eventFd, IN, () => undefined, { label: 'bell' });
  registration.pause();
  registration.resume();
  registration.modify(OUT);
  expect(raises(() => manager.add(eventFd, IN, () => undefined, { label: 'refused' })).code).toBe(
    'ERR_EM_ALREADY_REGISTERED',
  );
  registration.delete();
  manager.add(eventFd, IN, () => undefined, { label: 'last' });
  manager.close();
  expect(seen).toEqual([
    ['add', 'bell', eventFd.fd],
    ['end', 'bell', false],
    ['add', 'last', eventFd.fd],
    ['end', 'last', false],
  ]);
  expect(pollers.size).toBe(1);
});

test('subscribers see waits and their events, under run() too', async () => {
  const seen: unknown[] = [];
  using manager = new EventManager();
  using eventFd = new EventFd();
  manager.add(eventFd, IN, () => {
    eventFd.read();
    manager.stop();
  });
  collect('em.wait', ({ timeoutMs, cause, count, batch }) => {
    seen.push([timeoutMs, cause, Array.from({ length: count }, (_, i) => [batch.fd(i), batch.events(i)])]);
  });
  manager.wait(0);
  eventFd.write();
  await manager.run();
  expect(seen).toEqual([
    [0, 'timeout', []],
    [0, 'events', [[eventFd.fd, IN]]],
  ]);
});

test('subscribers see errors of callbacks and promises, with the handle', async () => {
  const seen: unknown[] = [];
  using manager = new EventManager({ onError: () => undefined });
  using eventFd = new EventFd(1);
  collect('em.error', ({ error, handle }) => seen.push([(error as Error).message, handle.label]));
  let calls = 0;
  manager.add(
    eventFd,
    IN,
    () => {
      if (++calls === 1) {
        throw new Error('thrown');
      }
      return Promise.reject(new Error('rejected'));
    },
    { label: 'bell' },
  );
  manager.wait(0);
  manager.wait(0);
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toEqual([
    ['thrown', 'bell'],
    ['rejected', 'bell'],
  ]);
});
