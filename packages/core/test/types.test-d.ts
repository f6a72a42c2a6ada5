// Code that must compile, and code that must not. `tsc -p test` checks it; it never runs.

import { EventManager, EventSet, type Poller, ReadyBatch, type Registration } from '../src/index.js';

declare const poller: Poller;
declare const registration: Registration;
declare const manager: EventManager;
declare const ignore: () => void;

// A manager needs a complete poller.
// @ts-expect-error
new EventManager();
// @ts-expect-error
new EventManager({});
// @ts-expect-error
new EventManager({ capacity: 16 });
// @ts-expect-error
new EventManager({ poller: { wait: () => 0 } });
// @ts-expect-error
new EventManager({ poller, capacity: '16' });

// A number cannot be owned, and neither can an object without close().
// @ts-expect-error
manager.add(3, EventSet.IN, ignore, { own: true });
// @ts-expect-error
manager.add({ fd: 3 }, EventSet.IN, ignore, { own: true });
manager.add({ fd: 3, close: ignore }, EventSet.IN, ignore, { own: true });
manager.add(3, EventSet.IN, ignore, { own: false, label: 'three', signal: new AbortController().signal });

// The fd is a number, or an object with one.
// @ts-expect-error
manager.add('3', EventSet.IN, ignore);
// @ts-expect-error
manager.add({ fd: '3' }, EventSet.IN, ignore);
// @ts-expect-error
manager.add({ handle: 3 }, EventSet.IN, ignore);

// Events are a set, not a name.
// @ts-expect-error
manager.add(3, 'IN', ignore);
// @ts-expect-error
EventSet.fromNames(['READABLE']);
// @ts-expect-error
void EventSet.READABLE;

// A callback takes events and a registration, and may return anything.
// @ts-expect-error
manager.add(3, EventSet.IN);
// @ts-expect-error
manager.add(3, EventSet.IN, (events: string) => events);
// @ts-expect-error
manager.add(3, EventSet.IN, (_events: EventSet, _registration: Registration, third: unknown) => void third);
manager.add(3, EventSet.IN, (events, { fd }) => events + fd);
manager.add(3, EventSet.IN, () => 'three');
manager.add(3, EventSet.IN, async () => undefined);
const itself = manager.add(3, EventSet.IN, () => itself.delete());
// @ts-expect-error
manager.add(3, EventSet.IN, ignore, { label: 3 });
// @ts-expect-error
manager.add(3, EventSet.IN, ignore, { signal: { aborted: false } });

// The caller of dispatch() says what the callbacks return. By default it is unknown.
for (const length of manager.dispatch<number>(0)) {
  length.toFixed();
}
for (const length of manager.dispatch(0)) {
  // @ts-expect-error
  length.toFixed();
}

// Read-only properties cannot be written.
// @ts-expect-error
registration.events = EventSet.OUT;
// @ts-expect-error
registration.fd = 4;
// @ts-expect-error
registration.active = true;
// @ts-expect-error
registration.label = 'four';
// @ts-expect-error
registration.paused = true;
// @ts-expect-error
manager.size = 0;
// @ts-expect-error
manager.lastWait.cause = 'wake';
// @ts-expect-error
manager.stats.waits = 0;
// @ts-expect-error
EventSet.IN = 2;
// @ts-expect-error
new ReadyBatch(1).capacity = 2;

// The iteration of on() can be ended with and without an argument.
const steps = manager.on(3, EventSet.IN);
void steps.return().then(({ done }) => done);
void steps.return(undefined);
void steps.throw();
void steps.throw(new Error('enough'));
void steps.next().then((step) => (step.done ? (step.value satisfies undefined) : (step.value satisfies EventSet)));
// @ts-expect-error
void steps.return('enough');
void (steps satisfies AsyncIterableIterator<EventSet>);

// once() and on() yield undefined only with `throwIfTimedOut: false`.
declare const maybe: boolean;
const { IN } = EventSet;
void (manager.once(3, IN) satisfies Promise<EventSet>);
void (manager.once(3, IN, { timeoutMs: 10, throwIfTimedOut: true }) satisfies Promise<EventSet>);
void (manager.once(3, IN, { throwIfTimedOut: false }) satisfies Promise<EventSet | undefined>);
// @ts-expect-error
void (manager.once(3, IN, { throwIfTimedOut: false }) satisfies Promise<EventSet>);
// @ts-expect-error
void (manager.once(3, IN, { throwIfTimedOut: maybe }) satisfies Promise<EventSet>);
// @ts-expect-error
void manager.once(3, IN, { throwIfTimedOut: 0 });
void (manager.on(3, IN, { timeoutMs: 10 }) satisfies AsyncIterableIterator<EventSet>);
void (manager.on(3, IN, { throwIfTimedOut: maybe }) satisfies AsyncIterableIterator<EventSet | undefined>);
// @ts-expect-error
void (manager.on(3, IN, { throwIfTimedOut: false }) satisfies AsyncIterableIterator<EventSet>);

void manager.run({ until: 'empty', signal: new AbortController().signal });
// @ts-expect-error
void manager.run({ until: 'idle' });

manager.add(3, IN, async () => undefined, { serial: true });
manager.group().add(3, IN, async () => undefined, { serial: true });
// @ts-expect-error
manager.add(3, IN, ignore, { serial: 'yes' });
// @ts-expect-error
registration.pending = false;
manager.add(3, IN, ignore).unref().ref() satisfies Registration;
