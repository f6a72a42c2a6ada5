import { constants } from 'node:fs';
import { constants as os } from 'node:os';
import { EventSet, type Interest, type ReadyBatch } from '@em/core';
import type { Binding, CollectorHandle } from '../addon/binding.js';
import { checked, systemError } from '../addon/system-error.js';
import type { FdState } from '../audit/audit.js';
import type { KernelInterest } from '../audit/epoll-fdinfo.js';
import { readInterests } from '../audit/read-interests.js';
import { addOwn, createEpoll, OWN_GENERATION } from './epoll-instance.js';
import { ONE } from './waker.js';

const { S_IFREG } = constants;
const { EBADF, EEXIST, ENOENT } = os.errno;
/** What the addon says of a perf event. */
const PERF_EVENT = 1;

/** Which events the kernel reports for every interest. */
const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
/** Everything that can happen. The interest of a file is applied here, since to change it in the kernel polls the file. */
const EVERYTHING = EventSet.union(
  EventSet.IN | EventSet.PRIORITY | EventSet.OUT | EventSet.READ_HANG_UP | ALWAYS_REPORTED,
  EventSet.EDGE_TRIGGERED,
);
/** Of an entry in native memory: events, fd, generation. */
const WORDS_PER_ENTRY = 3;
/** How many entries the collector hands over at most. */
const MAX_COLLECTED = 64;

/**
 * Whether the poll of a file consumes the event that it reports. Regular files are taken to do so, since epoll accepts
 * only those of procfs, cgroups and sysfs; and perf events.
 */
export function consumesEvents(native: Binding, fd: number): boolean {
  const type = native.fileType(fd);
  return type === S_IFREG || type === PERF_EVENT;
}

/** What is known of one file. */
interface ConsumedFile {
  readonly fd: number;
  /** What the kernel reports with its events: the generation of its first interest. */
  readonly key: number;
  events: EventSet;
  generation: number;
  /** False once a ONE_SHOT has been delivered. */
  isArmed: boolean;
  /** What has happened and is not delivered. */
  pending: EventSet;
}

/**
 * The files whose poll consumes the event that it reports, in an epoll instance of their own.
 *
 * Where one epoll instance is watched by another, as the poller's is by the event loop of the host, the outer one polls
 * the file to see whether the inner one is ready; that consumes the event, and the inner one finds nothing. So these
 * files are in an instance that nothing but a thread waits on. The thread hands over what it finds, and an eventfd in
 * the poller's instance says so.
 *
 * ```text
 *   file ──► epoll instance ──► thread ──► entries ──► ConsumedFiles ──► batch
 *                                 └─► eventfd ──► the poller's epoll instance ──► host loop
 * ```
 *
 * The instance is edge-triggered, so that a file is polled only when its event can be reported. A
 * level-triggered interest is met by polling the file again after each delivery.
 */
export class ConsumedFiles {
  /** Readable in the poller's instance when there is something to be {@link ConsumedFiles.look | looked} for. */
  readonly notifyFd: number;
  readonly #native: Binding;
  readonly #epollFd: number;
  readonly #collector: CollectorHandle;
  readonly #files = new Map<number, ConsumedFile>();
  /** Those with something to deliver, in the order in which it came. */
  readonly #ready = new Set<ConsumedFile>();
  /** Level-triggered ones that were delivered since the last look. */
  readonly #delivered = new Set<ConsumedFile>();
  readonly #words = new Uint32Array(MAX_COLLECTED * WORDS_PER_ENTRY);
  readonly #count = new ArrayBuffer(8);

  /** @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`, `EAGAIN` if there are too many files or threads. */
  constructor(native: Binding) {
    this.#native = native;
    this.#epollFd = createEpoll(native);
    const notifyFd = native.eventfd(0);
    const collector = notifyFd < 0 ? notifyFd : native.startCollector(this.#epollFd, notifyFd);
    this.notifyFd = notifyFd;
    if (typeof collector === 'number') {
      this.#closeFds();
      throw systemError(collector, notifyFd < 0 ? 'eventfd' : 'pthread_create');
    }
    this.#collector = collector;
  }

  /** Whether there is something to deliver, as far as is known. */
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

  /** What a file reports now, which is consumed by that. */
  poll(fd: number): number {
    return this.#native.pollOnce(fd, EVERYTHING);
  }

  /**
   * @param pending - What it has reported just before, since to add a file polls it, too.
   * @throws SystemError as epoll_ctl(2) does; `EEXIST` if it is watched here.
   */
  add({ fd, events, generation, fired = false }: Interest, pending: number): void {
    const result = this.#native.epollAdd(this.#epollFd, fd, EVERYTHING, generation);
    if (result === -EEXIST) {
      this.#note(this.#files.get(fd), pending);
    }
    checked(result, 'epoll_ctl', fd);
    const file = { fd, key: generation, events, generation, isArmed: !fired, pending: EventSet.EMPTY };
    this.forget(fd);
    this.#files.set(fd, file);
    this.#note(file, pending);
    this.#notify();
  }

  /** @throws SystemError `ENOENT` if the number is another file by now, `EBADF` if it is closed. */
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
    this.#note(file, this.poll(fd));
    this.#notify();
  }

  /** @returns Whether it was here. */
  delete(fd: number): boolean {
    if (this.forget(fd)) {
      this.#native.epollDelete(this.#epollFd, fd);
      return true;
    }
    return false;
  }

  /** Drops what is known of a number that is another file by now. Returns whether there was something. */
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

  /** What stands behind the number now. */
  stateOf(fd: number): FdState {
    // If it is still the file that was added, this is refused before the file is polled.
    const result = this.#native.epollAdd(this.#epollFd, fd, EventSet.EMPTY, OWN_GENERATION);
    if (result === 0) {
      this.#native.epollDelete(this.#epollFd, fd);
    }
    if (result === -EEXIST) {
      return 'watched';
    }
    return result === -EBADF ? 'closed' : 'other';
  }

  /** Takes what the thread has found, and polls the level-triggered files that were delivered. */
  look(): void {
    // The count goes first: what comes after it is counted again.
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
      this.#note(file, this.poll(file.fd));
    }
    this.#delivered.clear();
  }

  /** Whether a level-triggered file has to be looked at, whatever the poller's instance reports. */
  get isUnasked(): boolean {
    return this.#delivered.size > 0;
  }

  /** Writes what is to be delivered behind the entries that the batch has. Returns how many it has then. */
  fill(batch: ReadyBatch, count: number): number {
    let filled = count;
    for (const file of this.#ready) {
      if (filled === batch.capacity) {
        break;
      }
      batch.set(filled++, file.pending, file.fd, file.generation);
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

  /** What the kernel watches here, as the registrations ask for it. */
  interests(): KernelInterest[] {
    return readInterests(this.#epollFd).map((interest) => {
      const file = this.#files.get(interest.fd);
      return file?.key === interest.generation
        ? { ...interest, generation: file.generation, events: file.isArmed ? file.events : EventSet.ONE_SHOT }
        : interest;
    });
  }

  /** @returns What the calls returned. */
  close(): number[] {
    return [this.#native.stopCollector(this.#collector), ...this.#closeFds()];
  }

  /** Has the host serve what is left. */
  #notify(): void {
    if (this.isReady || this.isUnasked) {
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
