/** One way to break the code. `file` contains `find` exactly once. */
export interface Mutation {
  readonly what: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const NESTING = 'packages/testing/src/nesting.ts';
const FAKE_POLLER = 'packages/testing/src/fake-poller.ts';
const FILES = 'packages/testing/src/files';
const OPEN_FILE = `${FILES}/open-file.ts`;
const FAKE_FD = `${FILES}/fake-fd.ts`;
const TIMERFD = `${FILES}/timerfd.ts`;
const PIDFD = `${FILES}/pidfd.ts`;
const INOTIFY = `${FILES}/inotify.ts`;
const STREAM_FILE = `${FILES}/stream-file.ts`;
const LISTENER_FILE = `${FILES}/listener-file.ts`;
const UNIX_DATAGRAM = `${FILES}/unix-datagram.ts`;
const UDP_SOCKET = `${FILES}/udp-socket.ts`;
const PORTS = `${FILES}/ports.ts`;
const UNIX_NAMES = `${FILES}/unix-names.ts`;
const PASSED_FILES = `${FILES}/passed-files.ts`;
const DISPATCHER = 'packages/core/src/dispatcher.ts';
const REGISTRY = 'packages/core/src/registry.ts';
const ENTRY = 'packages/core/src/entry.ts';
const GROUP = 'packages/core/src/group.ts';
const RUNNER = 'packages/core/src/runner.ts';
const SIGNAL = 'packages/core/src/signal.ts';
const TIMER_HEAP = 'packages/core/src/timer-heap.ts';
const TIMER_QUEUE = 'packages/core/src/timer-queue.ts';
const FD_OWNER = 'packages/core/src/fd-owner.ts';
const EVENT_SET = 'packages/core/src/event-set.ts';
const FAKE_EPOLL = 'packages/testing/src/fake-epoll.ts';
const INTEREST_ITEM = 'packages/testing/src/interest-item.ts';
const TRACE = 'packages/testing/src/trace/trace.ts';
const TRACE_RING = 'packages/testing/src/trace/ring.ts';
const HOTTEST = 'packages/testing/src/trace/hottest.ts';
const REPLAY = 'packages/testing/src/trace/replay.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    what: 'a fake timer forgets the periods that passed',
    file: TIMERFD,
    find: '    this.#ticks += late;\n',
    replace: '',
  },
  {
    what: 'a periodic fake timer expires once',
    file: TIMERFD,
    find: '    this.#start(lastNs + (late + 1n) * this.#everyNs);\n',
    replace: '',
  },
  {
    what: 'a fake timer that was disarmed expires',
    file: TIMERFD,
    find: '    this.#unplan?.();\n',
    replace: '',
  },
  {
    what: 'a fake timer that was set again keeps its expirations',
    file: TIMERFD,
    find: '    this.#everyNs = 0n;\n    this.#ticks = 0n;\n',
    replace: '    this.#everyNs = 0n;\n',
  },
  {
    what: 'the expiration of a fake timer is no edge',
    file: TIMERFD,
    find: '    this.#ticks++;\n    this.wakeUp(EventSet.IN);\n  }\n\n  /** Counts',
    replace: '    this.#ticks++;\n  }\n\n  /** Counts',
  },
  {
    what: 'a fake process that was reaped keeps its pid',
    file: PIDFD,
    find: 'process === undefined || process.isReaped',
    replace: 'process === undefined',
  },
  {
    what: 'reaping a fake process is no edge',
    file: PIDFD,
    find: '    this.#wakeUp(EventSet.EMPTY);\n',
    replace: '',
  },
  {
    what: 'fake inotify merges no events',
    file: INOTIFY,
    find: 'this.#queue.at(-1)?.key === key',
    replace: "key === ''",
  },
  {
    what: 'a read of fake inotify has room for everything',
    file: INOTIFY,
    find: '      room -= bytes;\n',
    replace: '',
  },
  {
    what: 'fake inotify never overflows',
    file: INOTIFY,
    find: 'this.#queue.length >= MAX_QUEUED',
    replace: 'this.#queue.length < 0',
  },
  {
    what: 'fake inotify reports what the interest does not name',
    file: INOTIFY,
    find: "change === 'UNMOUNT' || watch.interest.has(change);",
    replace: 'true;',
  },
  {
    what: 'a fake TCP stream throws its error after the end',
    file: STREAM_FILE,
    find: '    this.#isDone = true;\n',
    replace: '',
  },
  {
    what: 'a fake TCP peer that closes with unread bytes only ends',
    file: STREAM_FILE,
    find: "      peer.reset('ECONNRESET');\n",
    replace: '',
  },
  {
    what: 'a fake TCP stream is an edge for OUT at each read of the peer',
    file: STREAM_FILE,
    find: 'this.#isWaitingForRoom && this.isWritable',
    replace: 'this.isWritable',
  },
  {
    what: 'a fake unix stream that was never accepted has no error',
    file: STREAM_FILE,
    find: "    this.peer?.fail('ECONNRESET');\n",
    replace: '',
  },
  {
    what: 'a fake stream hands over fds and keeps them open',
    file: STREAM_FILE,
    find: '        file.fdOpened();\n',
    replace: '',
  },
  {
    what: 'a fake listener has room for one connection less',
    file: LISTENER_FILE,
    find: 'this.#queue.length > this.#backlog',
    replace: 'this.#queue.length >= this.#backlog',
  },
  {
    what: 'a fake listener that closes forgets those that wait',
    file: LISTENER_FILE,
    find: '      file.abandon();\n',
    replace: '',
  },
  {
    what: 'a fake TCP client that connects late is never connected',
    file: LISTENER_FILE,
    find: '      this.put(connect());\n',
    replace: '',
  },
  {
    what: 'a fake datagram socket is not woken when its peer has room',
    file: UNIX_DATAGRAM,
    find: '      to.#waiting.add(this);\n',
    replace: '',
  },
  {
    what: 'a fake datagram socket keeps what it received from a peer that is gone',
    file: UNIX_DATAGRAM,
    find: '      this.drop();\n',
    replace: '',
  },
  {
    what: 'a fake datagram that is not sent keeps its memory',
    file: UNIX_DATAGRAM,
    find: '      if (!isSent) {\n        this.#free(cost);\n      }\n',
    replace: '',
  },
  {
    what: 'a fake UDP socket is not refused',
    file: UDP_SOCKET,
    find: "      this.fail('ECONNREFUSED');\n",
    replace: '',
  },
  {
    what: 'a connected fake UDP socket receives from strangers',
    file: UDP_SOCKET,
    find: '!isFromPeer || ',
    replace: '',
  },
  {
    what: 'a fake UDP socket has room for everything',
    file: UDP_SOCKET,
    find: '    this.#queuedBytes += cost;\n',
    replace: '',
  },
  {
    what: 'two fake sockets have one address',
    file: PORTS,
    find: ' && !(isShared && other.isShared)',
    replace: ' && isShared && !other.isShared',
  },
  {
    what: 'a fake socket with all addresses is found before one with this address',
    file: PORTS,
    find: 'exact.length > 0 ? exact : ',
    replace: '',
  },
  {
    what: 'a closed fake socket frees the names of others',
    file: UNIX_NAMES,
    find: '      if (place.file === file) {\n',
    replace: '      {\n',
  },
  {
    what: 'fds that came with a message are never closed',
    file: PASSED_FILES,
    find: '    file.fdClosed();\n',
    replace: '',
  },
  {
    what: 'detach() of a fake closes the fd',
    file: FAKE_FD,
    find: '    const { fd } = this;\n    this.#fd = undefined;\n',
    replace: '    const { fd } = this;\n',
  },
  {
    what: 'EXCLUSIVE excludes no poller',
    file: OPEN_FILE,
    find: '        return;\n',
    replace: '',
  },
  {
    what: 'EXCLUSIVE excludes pollers from the end of a file',
    file: OPEN_FILE,
    find: ' && events !== EventSet.EMPTY',
    replace: '',
  },
  {
    what: 'EXCLUSIVE counts a wait that was woken already',
    file: FAKE_EPOLL,
    find: '    this.isAwaited = false;\n',
    replace: '',
  },
  {
    what: 'a poller is accepted in a poller with EXCLUSIVE',
    file: FAKE_EPOLL,
    find: ' || (events & EventSet.EXCLUSIVE) !== 0',
    replace: '',
  },
  {
    what: 'pollers are nested in a circle',
    file: NESTING,
    find: 'reaches(inner, outer) || ',
    replace: '',
  },
  {
    what: 'pollers are nested five links deep',
    file: NESTING,
    find: 'const MAX_LINKS = 4;',
    replace: 'const MAX_LINKS = 5;',
  },
  {
    what: 'an outer poller is not woken by an inner one',
    file: FAKE_POLLER,
    find: '        file.wakeUp(EventSet.IN);\n',
    replace: '',
  },
  {
    what: 'a fake accepts a real fd object',
    file: FAKE_POLLER,
    find: 'KERNEL_FD in target',
    replace: 'KERNEL_FD in EventSet',
  },
  {
    what: 'a fake accepts an fd object of another fake',
    file: FAKE_POLLER,
    find: '    if (isElsewhere) {',
    replace: '    if (isElsewhere && fd < 0) {',
  },
  {
    what: 'an event reaches a later registration of the same number',
    file: DISPATCHER,
    find: 'entry === undefined || entry.generation !== words[at + 2]',
    replace: 'entry === undefined',
  },
  {
    what: 'an event is delivered without regard to the present interest',
    file: DISPATCHER,
    find: '(words[at] as number) & entry.deliverable',
    replace: '(words[at] as number)',
  },
  {
    what: 'stale events are not counted',
    file: DISPATCHER,
    find: 'tally.stale++;',
    replace: '',
  },
  {
    what: 'masked events are not counted',
    file: DISPATCHER,
    find: 'tally.masked++;',
    replace: '',
  },
  {
    what: 'calls are not counted',
    file: DISPATCHER,
    find: '        dispatched++;\n        if (entry.oneShot) {',
    replace: '        if (entry.oneShot) {',
  },
  {
    what: 'the rest of the batch is lost after a throw',
    file: DISPATCHER,
    find: '    if (this.#onError === undefined) {\n      throw error;',
    replace: '    if (this.#onError === undefined) {\n      this.#next = this.#count;\n      throw error;',
  },
  {
    what: 'the entry of a callback that has thrown is delivered again',
    file: DISPATCHER,
    find: '    if (this.#onError === undefined) {\n      throw error;',
    replace: '    if (this.#onError === undefined) {\n      this.#next--;\n      throw error;',
  },
  {
    what: 'a throw is swallowed',
    file: DISPATCHER,
    find: '    if (this.#onError === undefined) {\n      throw error;',
    replace: '    if (this.#onError === undefined) {\n      return NONE;',
  },
  {
    what: 'a throw passes by the error handler',
    file: DISPATCHER,
    find: '    this.#onError(error, handle);\n    return NONE;',
    replace: '    throw error;',
  },
  {
    what: 'a rejection is forgotten',
    file: DISPATCHER,
    find: 'this.#rejections.push(error);',
    replace: '',
  },
  {
    what: 'a nested wait delivers from the start of the batch',
    file: DISPATCHER,
    find: '    const isRest = this.#hasRest();',
    replace: '    this.#next = 0;\n    const isRest = this.#hasRest();',
  },
  {
    what: 'a nested wait asks the poller though the batch is not served',
    file: DISPATCHER,
    find: '    if (!isRest) {',
    replace: '    {',
  },
  {
    what: 'dispatch() calls ahead of its steps',
    file: DISPATCHER,
    find: 'const result = this.#call(entry, events);\n        if (isLazy && result !== NONE) {',
    replace: 'const result = this.#call(entry, events);\n        if (false) {',
  },
  {
    what: 'closing leaves the registrations active',
    file: REGISTRY,
    find: '      const closeTarget = this.#end(entry);\n      attempt(',
    replace: '      const { closeTarget } = entry.extras;\n      attempt(',
  },
  {
    what: 'a ONE_SHOT is never known to have fired',
    file: DISPATCHER,
    find: "entry.state = 'fired';",
    replace: '',
  },
  {
    what: 'the poller is never rebuilt',
    file: DISPATCHER,
    find: 'this.#hasOrphan ||= this.#registry.revision === this.#revision;',
    replace: '',
  },
  {
    what: 'the poller is rebuilt for events that a callback has made stale',
    file: DISPATCHER,
    find: 'this.#hasOrphan ||= this.#registry.revision === this.#revision;',
    replace: 'this.#hasOrphan = true;',
  },
  {
    what: 'a deleted registration is still found',
    file: REGISTRY,
    find: '    this.entries.delete(entry.fd);',
    replace: '',
  },
  {
    what: 'deleting does not call the poller',
    file: REGISTRY,
    find: '        if (isWatched) {\n          this.#poller.delete(entry.fd);\n        }',
    replace: '',
  },
  {
    what: 'a handle that has ended deletes the newcomer',
    file: REGISTRY,
    find: '    if (!entry.active) {\n      return false;\n    }',
    replace: '',
  },
  {
    what: 'a handle that has ended modifies the newcomer',
    file: REGISTRY,
    find: "    if (!entry.active) {\n      throw notRegistered(action, entry.fd, 'this registration has ended');\n    }",
    replace: '',
  },
  {
    what: 'modify() keeps the former interest',
    file: REGISTRY,
    find: "entry.become('watched', events);\n    }",
    replace: "entry.become('watched', entry.events);\n    }",
  },
  {
    what: 'modify() changes the interest before the poller has agreed',
    file: REGISTRY,
    find: '    if (entry.paused) {\n      entry.become',
    replace: '    entry.events = events;\n    if (entry.paused) {\n      entry.become',
  },
  {
    what: 're-arming keeps the generation, so that one arming is served twice',
    file: REGISTRY,
    find: '(events & EventSet.ONE_SHOT) !== 0 ? this.#nextGeneration() : entry.generation',
    replace: 'entry.generation',
  },
  {
    what: 'all registrations share a generation',
    file: REGISTRY,
    find: 'this.#generation = (this.#generation + 1) >>> 0 || 1;',
    replace: 'this.#generation = 1;',
  },
  {
    what: 'generations reach 0',
    file: REGISTRY,
    find: '(this.#generation + 1) >>> 0 || 1',
    replace: '(this.#generation + 1) >>> 0',
  },
  {
    what: 'pausing leaves the fd with the poller',
    file: REGISTRY,
    find: '      this.#leavePoller(entry);\n      entry.become(entry.fired',
    replace: '      entry.become(entry.fired',
  },
  {
    what: 'resuming forgets the poller',
    file: REGISTRY,
    find: '      this.#joinPoller(entry, entry.events);',
    replace: '',
  },
  {
    what: 'resuming arms a ONE_SHOT that has fired',
    file: REGISTRY,
    find: '    if (entry.fired) {\n      entry.become',
    replace: '    if (!entry.active) {\n      entry.become',
  },
  {
    what: 'pausing a ONE_SHOT that has fired forgets that it has',
    file: REGISTRY,
    find: "entry.fired ? 'paused-fired' : 'paused'",
    replace: "'paused'",
  },
  {
    what: 'the poller is thought to have a ONE_SHOT that a rebuild has left out',
    file: REGISTRY,
    find: "        entry.state = 'unwatched';",
    replace: '',
  },
  {
    what: 'rebuilding arms a ONE_SHOT that has fired',
    file: REGISTRY,
    find: 'watched.filter(({ fired }) => !fired)',
    replace: 'watched',
  },
  {
    what: 'a second add takes the place of the first',
    file: REGISTRY,
    find: 'throw alreadyRegistered(fd, error);',
    replace: '',
  },
  {
    what: 'a taken number stays taken after its file was closed',
    file: REGISTRY,
    find: '    if (holder?.isWatched === false) {',
    replace: '    if (holder?.active) {',
  },
  {
    what: 'the registration whose number was taken over stays active',
    file: REGISTRY,
    find: '      this.#end(holder);\n      attempt(',
    replace: '      attempt(',
  },
  {
    what: 'an aborted signal ends nothing',
    file: SIGNAL,
    find: "  signal.addEventListener('abort', onAbort);",
    replace: '',
  },
  {
    what: 'a refused add leaves its listener on the signal',
    file: REGISTRY,
    find: '      entry.extras.detach?.();\n      throw error;',
    replace: '      throw error;',
  },
  {
    what: 'an owned fd object is left open',
    file: REGISTRY,
    find: '        closeTarget?.();\n',
    replace: '',
  },
  {
    what: 'closing leaves the poller open',
    file: REGISTRY,
    find: '    attempt(() => this.#poller.close(), failures);',
    replace: '',
  },
  {
    what: 'closing stops at the first failure',
    file: 'packages/core/src/closing.ts',
    find: '    failures.push(error);',
    replace: '    throw error;',
  },
  {
    what: 'a member that has ended stays in its group',
    file: REGISTRY,
    find: '    parent?.delete(entry);',
    replace: '',
  },
  {
    what: 'a closed group takes more',
    file: GROUP,
    find: '    this.closed = true;',
    replace: '',
  },
  {
    what: 'an fd object is not notified of its registration',
    file: REGISTRY,
    find: 'announce(entry, target);',
    replace: '',
  },
  {
    what: 'an aborted signal does not refuse',
    file: SIGNAL,
    find: '  if (signal.aborted) {',
    replace: '  if (false) {',
  },
  {
    what: 'a handle that has ended holds its fd object',
    file: REGISTRY,
    find: '    entry.target = entry.parent = extras.closeTarget = undefined;',
    replace: '',
  },
  {
    what: 'a closed group leaves its timers pending',
    file: GROUP,
    find: '...this.#members, ...this.timers',
    replace: '...this.#members',
  },
  {
    what: 'timers that are due at the same time are called in the wrong order',
    file: TIMER_HEAP,
    find: 'a.keyOrder < b.keyOrder',
    replace: 'a.keyOrder > b.keyOrder',
  },
  {
    what: 'a refreshed timer keeps its place in the heap',
    file: TIMER_HEAP,
    find: '(first.active && first.keyOrder === first.order)',
    replace: 'first.active',
  },
  {
    what: 'a heap without its cancelled timers is in disorder',
    file: TIMER_HEAP,
    find: 'let index = count >> 1;',
    replace: 'let index = 0;',
  },
  {
    what: 'a timer is called early',
    file: TIMER_QUEUE,
    find: 'first.dueMs <= this.#roundMs',
    replace: 'first.dueMs <= this.#roundMs + 1',
  },
  {
    what: 'a late period delays the later ones',
    file: TIMER_QUEUE,
    find: 'const nextMs = dueMs + delayMs * (Math.floor((roundMs - dueMs) / delayMs) + 1);',
    replace: 'const nextMs = roundMs + delayMs;',
  },
  {
    what: 'the periods that are over are made up for',
    file: TIMER_QUEUE,
    find: '(Math.floor((roundMs - dueMs) / delayMs) + 1)',
    replace: '1',
  },
  {
    what: 'a wait ends at the deadline of a cancelled timer',
    file: TIMER_QUEUE,
    find: '    this.#forget(timer.deadline);\n    if (--this.size === 0) {',
    replace: '    if (--this.size === 0) {',
  },
  {
    what: 'the timers behind a throw wait for another poll',
    file: DISPATCHER,
    find: '(this.#isInRound && this.#timers.due !== undefined)',
    replace: 'false',
  },
  {
    what: 'every timer that is set under run() sets one of the host',
    file: RUNNER,
    find: 'deadline < this.#alarmMs',
    replace: 'deadline < Number.POSITIVE_INFINITY',
  },
  {
    what: 'an FdOwner that is closed leaves its registrations',
    file: FD_OWNER,
    find: '      attempt(() => registration.delete(), failures);',
    replace: '',
  },
  {
    what: 'an FdOwner that is closed again ends the registrations of others',
    file: FD_OWNER,
    find: '    this.#registrations = undefined;',
    replace: '',
  },
  {
    what: 'an FdOwner remembers the last of its registrations only',
    file: FD_OWNER,
    find: 'return former.active && former !== registration ? [former, registration] : registration;',
    replace: 'return registration;',
  },
  {
    what: 'an FdOwner remembers registrations that have ended',
    file: FD_OWNER,
    find: 'const active = former.filter(isActive);',
    replace: 'const active = [...former];',
  },
  {
    what: 'ERROR and HANG_UP are delivered only when asked for',
    file: ENTRY,
    find: '(this.events | ALWAYS_REPORTED) & REPORTABLE',
    replace: 'this.events & REPORTABLE',
  },
  {
    what: 'a paused registration gets the events in the batch',
    file: ENTRY,
    find: 'this.paused || this.pending ? 0',
    replace: 'this.pending ? 0',
  },
  {
    what: 'unknown bits are let through',
    file: EVENT_SET,
    find: 'const unknown = events & ~EventSet.ALL;',
    replace: 'const unknown = 0;',
  },
  {
    what: 'sets come out negative',
    file: EVENT_SET,
    find: '    return events >>> 0;\n  },\n} as const;',
    replace: '    return events | 0;\n  },\n} as const;',
  },
  {
    what: 'the fake forgets a level-triggered fd once it has reported it',
    file: FAKE_EPOLL,
    find: 'else if (!item.isEdgeTriggered) {',
    replace: 'else if (false) {',
  },
  {
    what: 'the fake reports an edge again and again',
    file: FAKE_EPOLL,
    find: 'else if (!item.isEdgeTriggered) {',
    replace: 'else {',
  },
  {
    what: 'the fake leaves a ONE_SHOT armed',
    file: FAKE_EPOLL,
    find: '        item.armed = false;',
    replace: '        this.#queue.add(item);',
  },
  {
    what: 'the fake puts what it reported before those that had no room',
    file: FAKE_EPOLL,
    find: 'let unasked = this.#queue.size;\n    for (const item of this.#queue) {',
    replace: 'let unasked = this.#queue.size;\n    for (const item of [...this.#queue].sort((a, b) => a.fd - b.fd)) {',
  },
  {
    what: 'the fake takes the same fd twice',
    file: FAKE_EPOLL,
    find: "      throw systemError('EEXIST', 'epoll_ctl', fd);",
    replace: '',
  },
  {
    what: 'the fake does not look for readiness when interest changes',
    file: FAKE_EPOLL,
    find: '    item.change(events, generation);\n    this.#queueIfReady(item);',
    replace: '    item.change(events, generation);',
  },
  {
    what: 'the fake re-arms nothing',
    file: INTEREST_ITEM,
    find: '    this.armed = true;\n',
    replace: '',
  },
  {
    what: 'the fake reports HANG_UP only when asked for',
    file: INTEREST_ITEM,
    find: '(this.events | ALWAYS_REPORTED) & ~MODES',
    replace: 'this.events & ~MODES',
  },
  {
    what: 'the fake goes on reporting a file that is closed',
    file: INTEREST_ITEM,
    find: '    this.#owner.drop(this);',
    replace: '',
  },
  {
    what: 'a call that outlives the ring is written over another entry',
    file: TRACE_RING,
    find: 'if (this.#next - number <= this.#mask + 1) {',
    replace: 'if (true) {',
  },
  {
    what: 'a wait whose beginning is overwritten is a step',
    file: TRACE_RING,
    find: '    if (wait === undefined) {\n      return undefined;\n    }\n    const { beganMs, timeoutMs } = wait;',
    replace: '    const { beganMs, timeoutMs } = wait ?? { beganMs: 0, timeoutMs: 0 };',
  },
  {
    what: 'a resumed registration loses its label',
    file: TRACE,
    find: 'const subject = announced ?? this.#subjects.get(fd);',
    replace: 'const subject = announced;',
  },
  {
    what: 'a trace does not know the generation of a registration',
    file: TRACE,
    find: '      this.#subjects.set(fd, subject);\n      subject.generation = generation;',
    replace: '      this.#subjects.set(fd, subject);',
  },
  {
    what: 'a trace swallows the error of a wait',
    file: TRACE,
    find: '      ring.failWait(codeOf(error));\n      throw error;',
    replace: '      ring.failWait(codeOf(error));\n      return 0;',
  },
  {
    what: 'a promise that has settled counts as pending',
    file: TRACE,
    find: '    subject.pending--;',
    replace: '',
  },
  {
    what: 'the observer of the poller is not asked',
    file: TRACE,
    find: 'const called = inner?.onAdd?.(registration, callback) ?? callback;',
    replace: 'const called = callback;',
  },
  {
    what: 'a wait that blocks counts as a spin',
    file: HOTTEST,
    find: 'this.#blocked < this.#streak * MAX_BLOCKED',
    replace: 'true',
  },
  {
    what: 'an edge-triggered async callback is blamed',
    file: HOTTEST,
    find: 'if (this.overlaps > 0 && !isSilent) {',
    replace: 'if (this.overlaps > 0) {',
  },
  {
    what: 'HANG_UP beside IN is blamed on the interest',
    file: HOTTEST,
    find: 'return (this.lastEvents & wanted) === 0 ? ',
    replace: 'return (this.lastEvents & ALWAYS_REPORTED) !== 0 ? ',
  },
  {
    what: 'a replay does not compare labels',
    file: REPLAY,
    find: 'recorded.events === events && recorded.label === did.label',
    replace: 'recorded.events === events',
  },
  {
    what: 'a replay does not compare the interest',
    file: REPLAY,
    find: '(recorded) => recorded.events === events && this.#fdOf(recorded.fd) === fd',
    replace: '(recorded) => this.#fdOf(recorded.fd) === fd',
  },
  {
    what: 'a departure is forgotten',
    file: REPLAY,
    find: '    this.#departure = departure(did, index, this.#steps);\n    this.#reject(this.#departure);\n    return this.#departure;',
    replace: '    const left = departure(did, index, this.#steps);\n    this.#reject(left);\n    return left;',
  },
  {
    what: 'a replay has its own clock',
    file: REPLAY,
    find: '    this.#nowMs = step.atMs;\n',
    replace: '',
  },
  {
    what: 'a callback that no longer throws is no departure',
    file: REPLAY,
    find: 'if (step?.threw === true) {',
    replace: 'if (false) {',
  },
  {
    what: 'a rearmed ONE_SHOT keeps its generation in a replay',
    file: REPLAY,
    find: 'if (former !== step.generation) {',
    replace: 'if (former === step.generation) {',
  },
];
