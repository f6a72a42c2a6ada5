import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { Ioctl, ioctl } from '@em/sys';
import { Device } from '../device/device.js';
import { adoptDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { bitsOf } from './request.js';
import { LINE_EVENT, LINE_VALUES, MAX_LINES, RISING_EDGE } from './structs.js';

const GET_VALUES = Ioctl.readWrite(0xb4, 0x0e, LINE_VALUES.size);
const SET_VALUES = Ioctl.readWrite(0xb4, 0x0f, LINE_VALUES.size);

/** One read usually takes all. */
const MAX_EVENTS_PER_READ = 64;

/** An edge of an input. */
export interface GpioEvent {
  /** The line, by its offset on the chip. */
  readonly offset: number;
  /** `'rising'` if the line became active. */
  readonly edge: 'rising' | 'falling';
  /** When the kernel saw it, in nanoseconds on the clock of `process.hrtime.bigint()`. */
  readonly timestamp: bigint;
  /** Counts the events of all lines of the request, from 1. A gap means that events were lost: {@link GpioLines.lostEvents}. */
  readonly sequence: number;
  /** Counts the events of this line, from 1. */
  readonly lineSequence: number;
}

/**
 * Lines that were requested together by `GpioChip.requestLines`. Other requests for them fail until you close this object.
 * The chip may be closed before.
 *
 * It reports `IN` while an edge waits. The kernel keeps 16 events per line of the request, and drops the oldest first:
 * {@link GpioLines.lostEvents} counts them. Edges that follow each other faster than the kernel handles an interrupt are
 * one event, or none. Nothing counts those.
 *
 * Once the chip is gone, `HANG_UP` and `ERROR` are reported, and every method throws `ENODEV`, even if events were left
 * to read. Before Linux 6.6, this does not end a wait that has begun: only an `add` or `modify`, or an edge that waited,
 * shows it.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 */
export class GpioLines extends Device {
  /** The lines by their offsets on the chip, in the order of the request. */
  readonly offsets: readonly number[];
  readonly #values = new Uint8Array(LINE_VALUES.size);
  readonly #events = new Uint8Array(MAX_EVENTS_PER_READ * LINE_EVENT.size);
  /** The greatest so far. `undefined` if another process may have read events before. */
  #lastSequence: number | undefined;
  #lostEvents = 0;

  private constructor(device: OpenDevice, offsets: readonly number[], lastSequence?: number) {
    super(OpenDevice.only(device));
    this.offsets = offsets;
    this.#lastSequence = lastSequence;
  }

  /**
   * Takes over the fd of lines that were requested, for example by another process, and sets close-on-exec and
   * `O_NONBLOCK`.
   *
   * @param offsets - The lines, in the order of the request: the kernel does not say which they are.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if the fd stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number, offsets: readonly number[]): GpioLines {
    const checked = checkOffsets(offsets);
    const probe = (): undefined => void ioctl(fd, GET_VALUES, LINE_VALUES.encode({ mask: 1n }));
    return adoptDevice(fd, 'lines of a GPIO chip', probe, (device) => new GpioLines(device, checked));
  }

  /** Returns whether each line is active, in the order of the request. */
  get(): boolean[] {
    LINE_VALUES.write(new DataView(this.#values.buffer), 0, {
      bits: 0n,
      mask: (1n << BigInt(this.offsets.length)) - 1n,
    });
    this.request('read the lines of', GET_VALUES, this.#values);
    const { bits } = LINE_VALUES.decode(this.#values);
    return this.offsets.map((_, index) => ((bits >> BigInt(index)) & 1n) === 1n);
  }

  /**
   * Makes outputs active or inactive, at the same time where the hardware can.
   *
   * @param values - In the order of the request. A line stays as it is if its value is `undefined` or missing.
   * @throws SystemError with `path`: `EPERM` if the lines are inputs.
   */
  set(values: readonly (boolean | undefined)[]): void {
    const wanted = bitsOf('values', values, this.offsets.length);
    if (wanted.mask !== 0n) {
      LINE_VALUES.write(new DataView(this.#values.buffer), 0, wanted);
      this.request('set the lines of', SET_VALUES, this.#values);
    }
  }

  /**
   * How many events the kernel has dropped because they were not read in time, as far as {@link GpioLines.read} has got.
   * If it grows, call {@link GpioLines.get} for the present levels. After `adopt`, it counts from the first event that is
   * read.
   */
  get lostEvents(): number {
    return Math.max(0, this.#lostEvents);
  }

  /**
   * Takes events, in the order in which the kernel has queued them: two that happened at the same time on different lines
   * may be swapped, as their sequence shows. If there are more, `IN` is reported again.
   *
   * @returns `undefined` if there are no events: it would block.
   */
  read(): GpioEvent[] | undefined {
    const size = this.readBytes(this.#events, 0, undefined);
    if (size === undefined) {
      return undefined;
    }
    return Array.from({ length: size / LINE_EVENT.size }, (_, index) => {
      const { offset, id, timestamp_ns, seqno, line_seqno } = LINE_EVENT.decode(this.#events, index * LINE_EVENT.size);
      this.#count(seqno);
      return {
        offset,
        edge: id === RISING_EDGE ? 'rising' : 'falling',
        timestamp: timestamp_ns,
        sequence: seqno,
        lineSequence: line_seqno,
      };
    });
  }

  /** Counts what is missing before an event. An event that was overtaken was counted as missing. */
  #count(sequence: number): void {
    // The kernel counts in 32 bits.
    const step = (sequence - (this.#lastSequence ?? sequence - 1)) | 0;
    this.#lostEvents += step > 0 ? step - 1 : -1;
    if (step > 0) {
      this.#lastSequence = sequence;
    }
  }
}

function checkOffsets(offsets: readonly number[]): readonly number[] {
  if (!Array.isArray(offsets)) {
    throw invalidType('offsets', 'an array', offsets);
  }
  if (offsets.length === 0 || offsets.length > MAX_LINES) {
    throw outOfRange('offsets', `1 to ${MAX_LINES} offsets`, offsets.length);
  }
  return offsets.map((offset, index) => checkInteger(`offsets[${index}]`, offset, 0, 0xffff_ffff));
}
