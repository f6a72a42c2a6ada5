// Checks what docs/troubleshooting.md says about fake timers.
import { EventFd, EventManager, EventSet, TimerFd } from '@em/sys';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('under fake timers, TimerFd and AbortSignal.timeout() use the real clock, and once() the fake one', async () => {
  using manager = new EventManager();
  using never = new EventFd();
  using timer = new TimerFd();
  const running = manager.run();

  timer.set({ afterNs: 1_000_000n });
  expect(await manager.once(timer, EventSet.IN)).toBe(EventSet.IN);

  const aborted = manager.once(never, EventSet.IN, { signal: AbortSignal.timeout(1) });
  await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });

  const timedOut = expect(manager.once(never, EventSet.IN, { timeoutMs: 1000 })).rejects.toMatchObject({
    code: 'ERR_EM_TIMEOUT',
  });
  vi.advanceTimersByTime(1000);
  await timedOut;

  manager.stop();
  await running;
});

test('under fake timers, the timeout of wait() uses the real clock', () => {
  using manager = new EventManager();
  using never = new EventFd();
  manager.add(never, EventSet.IN, () => undefined);
  expect(manager.wait(5)).toBe(0);
  expect(manager.lastWait.cause).toBe('timeout');
});
