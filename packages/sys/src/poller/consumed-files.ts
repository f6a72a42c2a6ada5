import { constants } from 'node:os';
import { EventSet, type Interest, type ReadyBatch } from '@em/core';
import type { Binding, CollectorHandle } from '../addon/binding.js';
import { checked, systemError } from '../addon/system-error.js';
import type { FdState } from '../audit/audit.js';
import { type KernelInterest, readInterests } from '../audit/epoll-fdinfo.js';
import { fs } from '../builtins.js';
import { addOwn, createEpoll, OWN_GENERATION } from './epoll-instance.js';
import { ONE } from './waker.js';

const { S_IFREG } = fs.constants;
const { EBADF, EEXIST, ENOENT } = constants.errno;
/** What the addon returns as the type of a perf event. */
const PERF_EVENT = 1;

/** The events that the kernel reports for every interest. */
const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
/** All events. The interest of a file is applied in TypeScript, because changing it in the kernel polls the file. */
const EVERYTHING = EventSet.union(
  EventSet.IN | EventSet.PRIORITY | EventSet.OUT | EventSet.READ_HANG_UP | ALWAYS_REPORTED,
  EventSet.EDGE_TRIGGERED,
);
/** An entry in native memory: events, fd, generation. */
const WORDS_PER_ENTRY = 3;
/** Maximum number of entries that the collector hands over at once. */
const MAX_COLLECTED = 64;

/**
 * Whether the poll of a file consumes the event that it reports. Perf events do so. So do regular files, of which epoll
 * accepts only those of procfs, cgroups and sysfs.
 */
export function consumesEvents(native: Binding, fd: number): boolean {
  const type = native.fileType(fd);
  return type === S_IFREG || type === PERF_EVENT;
}

/** Returns the events of a file, and so consumes them. */
export function pollOnce(native: Binding, fd: number): number {
  return native.pollOnce(fd, EVERYTHING);
}

/** The state of one file. */
interface ConsumedFile {
  readonly fd: number;
  /** The number that the kernel reports with its events: the generation of its first interest. */
  readonly key: number;
  events: EventSet;
  generation: number;
  /** False once a ONE_SHOT has been delivered. */
  isArmed: boolean;
  /** The events that are not delivered yet. */
  pending: EventSet;
}

/**
 * The files whose poll consumes the event that it reports, in an epoll instance of their own.
 *
 * An epoll instance can watch another one: the event loop of the host watches that of the poller. The outer instance
 * then polls the files of the inner one to find out whether that is ready. This consumes the event, and the inner
 * instance finds nothing. So these files are in an instance that only a thread waits on. The thread hands over the
 * entries, and makes an eventfd in the poller's instance readable.
 *
 * ```text
 *   file ──► epoll instance ──► thread ──► entries ──► ConsumedFiles ──► batch
 *                                 └─► eventfd ──► the poller's epoll instance ──► host loop
 * ```
 *
 * The instance is edge-triggered, so that a file is polled only when its event can be reported. A file with a
 * level-triggered interest is polled again after each delivery.
 */
export class ConsumedFiles {
  /** Readable in the poller's instance when {@link ConsumedFiles.look} has something to find. */
  readonly notifyFd: number;
  readonly #native: Binding;
  readonly #epollFd: number;
  readonly #collector: CollectorHandle;
  readonly #files = new Map<number, ConsumedFile>();
  /** Files with pending events, in the order in which they became ready. */
  readonly #ready = new Set<ConsumedFile>();
  /** Level-triggered files whose events were delivered since the last look. */
  readonly #delivered = new Set<ConsumedFile>();
  readonly #words = new Uint32Array(MAX_COLLECTED * WORDS_PER_ENTRY);
  readonly #count = new ArrayBuffer(8);

  /**
   * @throws SystemError `EMFILE`, `ENFILE` if too many files are open, `EAGAIN` if there are too many threads,
   * `ENOMEM`.
   */
  constructor(native: Binding) {
    this.#native = native;
    this.#epollFd = createEpoll(native);
    const notifyFd = native.eventfd(0, 0);
    const collector = notifyFd < 0 ? notifyFd : native.startCollector(this.#epollFd, notifyFd);
    this.notifyFd = notifyFd;
    if (typeof collector === 'number') {
      this.#closeFds();
      throw systemError(collector, notifyFd < 0 ? 'eventfd' : 'pthread_create');
    }
    this.#collector = collector;
  }

  /** Whether there are pending events that the last look has found. */
  get isReady(): boolean {
    return this.#ready.size > 0;
  }

  /** Adds the eventfd to an instance of the poller. */
  join(epollFd: number): void {
    addOwn(this.#native, epollFd, this.notifyFd);
  }

  has(fd: number): boolean {
    return this.#files.has(fd);
  }

  /**
   * @param pending - The result of {@link pollOnce} just before, because adding a file also polls it.
   * @throws SystemError as epoll_ctl(2) does; `EEXIST` if the fd is watched here.
   */
  add({ fd, events, generation, fired = false }: Interest, pending: number): void {
    const watched = this.#files.get(fd);
    let result = this.#native.epollAdd(this.#epollFd, fd, EVERYTHING, generation);
    if (result === -EEXIST && watched === undefined) {
      // An orphan whose number is the same file again. Now it can be deleted.
      this.#native.epollDelete(this.#epollFd, fd);
      result = this.#native.epollAdd(this.#epollFd, fd, EVERYTHING, generation);
    }
    if (result === -EEXIST) {
      this.#note(watched, pending);
    }
    checked(result, 'epoll_ctl', fd);
    const file = { fd, key: generation, events, generation, isArmed: !fired, pending: EventSet.EMPTY };
    this.forget(fd);
    this.#files.set(fd, file);
    this.#note(file, pending);
    this.#notify();
  }

  /** @throws SystemError `ENOENT` if the number is another file now, `EBADF` if it is closed. */
  modify(fd: number, events: EventSet, generation: number): void {
    const file = this.#files.get(fd);
    const state = this.stateOf(fd);
    if (file === undefined || state !== 'watched') {
      throw systemError(state === 'closed' ? -EBADF : -ENOENT, 'epoll_ctl', fd);
    }
    file.events = events;
    file.generation = generation;
    file.isArmed = true;
    const { pending } = file;
    file.pending = EventSet.EMPTY;
    this.#ready.delete(file);
    this.#note(file, pending);
    this.#note(file, pollOnce(this.#native, fd));
    this.#notify();
  }

  /** @returns Whether the fd was watched here. */
  delete(fd: number): boolean {
    if (this.forget(fd)) {
      this.#native.epollDelete(this.#epollFd, fd);
      return true;
    }
    return false;
  }

  /** Drops the state of a number that is another file now. Returns whether there was any. */
  forget(fd: number): boolean {
    const file = this.#files.get(fd);
    if (file === undefined) {
      return false;
    }
    this.#files.delete(fd);
    this.#ready.delete(file);
    this.#delivered.delete(file);
    return true;
  }

  /** Returns which file the number is now. */
  stateOf(fd: number): FdState {
    // If the number is still the file that was added, the kernel refuses this before it polls the file.
    const result = this.#native.epollAdd(this.#epollFd, fd, EventSet.EMPTY, OWN_GENERATION);
    if (result === 0) {
      this.#native.epollDelete(this.#epollFd, fd);
    }
    if (result === -EEXIST) {
      return 'watched';
    }
    return result === -EBADF ? 'closed' : 'other';
  }

  /** Takes the entries that the thread has found, and polls the level-triggered files whose events were delivered. */
  look(): void {
    // The count is read first, so that an entry that comes later makes the eventfd readable again.
    this.#native.readCounter(this.notifyFd, this.#count);
    const found = this.#native.takeEntries(this.#collector, this.#words.buffer);
    for (let index = 0; index < found; index++) {
      const at = index * WORDS_PER_ENTRY;
      const file = this.#files.get(this.#words[at + 1] as number);
      if (file?.key === this.#words[at + 2]) {
        this.#note(file, this.#words[at] as number);
      }
    }
    for (const file of this.#delivered) {
      this.#note(file, pollOnce(this.#native, file.fd));
    }
    this.#delivered.clear();
  }

  /** Whether level-triggered files wait to be polled again, even if the poller's instance reports nothing. */
  get hasDelivered(): boolean {
    return this.#delivered.size > 0;
  }

  /** Appends the pending events to the batch, which has `count` entries. Returns the new count. */
  fill(batch: ReadyBatch, count: number): number {
    let filled = count;
    for (const file of this.#ready) {
      if (filled === batch.capacity) {
        break;
      }
      batch.set(filled++, file.fd, file.pending, file.generation);
      file.pending = EventSet.EMPTY;
      this.#ready.delete(file);
      if ((file.events & EventSet.ONE_SHOT) !== 0) {
        file.isArmed = false;
      } else if ((file.events & EventSet.EDGE_TRIGGERED) === 0) {
        this.#delivered.add(file);
      }
    }
    this.#notify();
    return filled;
  }

  /** Returns what the kernel watches here, with the events and generations of the registrations. */
  interests(): KernelInterest[] {
    return readInterests(this.#epollFd).map((interest) => {
      const file = this.#files.get(interest.fd);
      return file?.key === interest.generation
        ? { ...interest, generation: file.generation, events: file.isArmed ? file.events : EventSet.ONE_SHOT }
        : interest;
    });
  }

  /** @returns The results of the calls. */
  close(): number[] {
    return [this.#native.stopCollector(this.#collector), ...this.#closeFds()];
  }

  /** Makes the eventfd readable if there is more to deliver, so that the event loop of the host calls again. */
  #notify(): void {
    if (this.isReady || this.hasDelivered) {
      this.#native.writeCounter(this.notifyFd, ONE);
    }
  }

  #closeFds(): number[] {
    return [this.#epollFd, this.notifyFd].filter((fd) => fd >= 0).map((fd) => this.#native.close(fd));
  }

  #note(file: ConsumedFile | undefined, found: number): void {
    if (file === undefined || found <= 0) {
      return;
    }
    file.pending = (file.pending | (found & (file.events | ALWAYS_REPORTED))) >>> 0;
    if (file.isArmed && file.pending !== EventSet.EMPTY) {
      this.#ready.add(file);
    }
  }
}
