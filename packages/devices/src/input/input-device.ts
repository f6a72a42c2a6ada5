import { checkBoolean } from '@em/core/check';
import { Ioctl, ioctl } from '@em/sys';
import { Device, setUp } from '../device/device.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';
import { text } from '../struct/fields.js';
import { InputEventType, SYN_DROPPED, SYN_REPORT } from './input-event-type.js';
import { INPUT_ABSINFO, INPUT_EVENT, INPUT_ID } from './structs.js';

const { O_RDONLY } = fs.constants;

const NAME = text(256);
/** Enough bits for the type with most codes, KEY. */
const BITS_BYTES = 0x300 / 8;

// linux/input.h
const EVIOCGVERSION = Ioctl.read('E', 0x01, 4);
const EVIOCGID = Ioctl.read('E', 0x02, INPUT_ID.size);
const EVIOCGNAME = Ioctl.read('E', 0x06, NAME.size);
const EVIOCGPROP = Ioctl.read('E', 0x09, BITS_BYTES);
const EVIOCGKEY = Ioctl.read('E', 0x18, BITS_BYTES);
const EVIOCGLED = Ioctl.read('E', 0x19, BITS_BYTES);
const EVIOCGSW = Ioctl.read('E', 0x1b, BITS_BYTES);
const EVIOCGRAB = Ioctl.write('E', 0x90, 4);
const eviocgbit = (type: number): number => Ioctl.read('E', 0x20 + type, BITS_BYTES);
const eviocgabs = (code: number): number => Ioctl.read('E', 0x40 + code, INPUT_ABSINFO.size);

/** For EVIOCGBIT: the types instead of the codes of a type. */
const ALL_TYPES = 0;
/** EVIOCGBIT knows the codes of these types. */
const TYPES_WITH_CODES: readonly number[] = [
  InputEventType.KEY,
  InputEventType.REL,
  InputEventType.ABS,
  InputEventType.MSC,
  InputEventType.SW,
  InputEventType.LED,
  InputEventType.SND,
  InputEventType.FF,
];
const STATES = [
  [InputEventType.KEY, EVIOCGKEY],
  [InputEventType.SW, EVIOCGSW],
  [InputEventType.LED, EVIOCGLED],
] as const;
/** The axes of single touches, for which EVIOCGABS has no value: ABS_MT_TOUCH_MAJOR and those after it. */
const FIRST_TOUCH_AXIS = 0x30;

/** What a device is, in numbers of its vendor. */
export interface InputId {
  /** `BUS_` in linux/input.h, for example 3 for USB. */
  readonly bus: number;
  readonly vendor: number;
  readonly product: number;
  readonly version: number;
}

/** The present value of an axis, and its range. */
export interface AbsoluteAxis {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The kernel filters out changes that are smaller than this. */
  readonly fuzz: number;
  /** Values this close to the middle of a joystick count as the middle. */
  readonly flat: number;
  /** Units per millimeter, or per radian where the axis is a rotation. 0 if unknown. */
  readonly resolution: number;
}

/** Which events a device can report. */
export interface InputCapabilities {
  /** The codes of each type of event, by {@link InputEventType}. SYN, which every device has, is left out. */
  readonly codes: ReadonlyMap<number, readonly number[]>;
  /** The axes of type ABS, by their codes. */
  readonly absolute: ReadonlyMap<number, AbsoluteAxis>;
  /** `INPUT_PROP_` in linux/input-event-codes.h. */
  readonly properties: readonly number[];
}

/** A change of one key, axis, switch or LED. */
export interface InputEvent {
  /** One of {@link InputEventType}. */
  readonly type: number;
  /** For example `KEY_A`: linux/input-event-codes.h. */
  readonly code: number;
  /** For a key 0 if it was released, 1 if it was pressed, 2 if it repeats. For an axis its position, or the movement. */
  readonly value: number;
  /** The time since the start of 1970. */
  readonly timeMicroseconds: number;
}

/** What changed at the same time. */
export interface InputFrame {
  readonly events: readonly InputEvent[];
  /**
   * Whether events were lost, because they were not read in time. Then `events` is no change, but the present state: one
   * event for each key, switch, LED and absolute axis. The axes of single touches (codes from 0x30) are missing.
   */
  readonly resynchronized: boolean;
}

/**
 * An input device: a keyboard, mouse, touchscreen, game controller, or the buttons of a case (evdev).
 *
 * It reports `IN` while a frame waits, and `HANG_UP` and `ERROR` once the device is gone. Frames that were not read
 * before are lost then.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://docs.kernel.org/input/input.html | Linux input subsystem}
 */
export class InputDevice extends Device {
  readonly #bytes = new Uint8Array(INPUT_EVENT.size);
  #events: InputEvent[] = [];
  #isDropping = false;

  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device), { ENOTTY: '; it is not an input device' });
  }

  /**
   * Opens an input device.
   *
   * @param path - For example `/dev/input/event0`, or a link in `/dev/input/by-id`, which stays the same.
   * @throws SystemError with `path`: `EACCES` (the message names the group that may), `ENOENT`, `ENOTTY` if it is not an
   * input device, `ENODEV` if it is gone, `EMFILE`, `ENFILE`.
   */
  static open(path: string): InputDevice {
    return setUp(new InputDevice(openDevice(path, O_RDONLY)), (device) => {
      device.request('use', EVIOCGVERSION, new Uint8Array(4));
    });
  }

  /**
   * Takes over the fd of an input device, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it is not an input device, or the device is gone.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): InputDevice {
    const probe = (): undefined => void ioctl(fd, EVIOCGVERSION, new Uint8Array(4));
    return adoptDevice(fd, 'an input device', probe, (device) => new InputDevice(device));
  }

  /** @throws SystemError `ENODEV` if the device is gone. */
  get name(): string {
    const bytes = new Uint8Array(NAME.size);
    this.request('read the name of', EVIOCGNAME, bytes);
    return NAME.read(new DataView(bytes.buffer), 0);
  }

  /** @throws SystemError `ENODEV` if the device is gone. */
  get id(): InputId {
    const bytes = INPUT_ID.encode();
    this.request('identify', EVIOCGID, bytes);
    const { bustype, vendor, product, version } = INPUT_ID.decode(bytes);
    return { bus: bustype, vendor, product, version };
  }

  /** @throws SystemError `ENODEV` if the device is gone. */
  get capabilities(): InputCapabilities {
    const doing = 'read the capabilities of';
    const types = this.#numbers(doing, eviocgbit(ALL_TYPES)).filter((type) => type !== InputEventType.SYN);
    const codesOf = (type: number): readonly number[] =>
      TYPES_WITH_CODES.includes(type) ? this.#numbers(doing, eviocgbit(type)) : [];
    const codes = new Map(types.map((type) => [type, codesOf(type)]));
    const axes = codes.get(InputEventType.ABS) ?? [];
    return {
      codes,
      absolute: new Map(axes.map((code) => [code, this.#axis(code)])),
      properties: this.#numbers(doing, EVIOCGPROP),
    };
  }

  /**
   * Keeps the events of the device from all other readers, or ends that. Closing the device also ends it.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `isGrabbed` is not a boolean.
   * @throws SystemError `EBUSY` if another reader, or this one, keeps them already; `EINVAL` to end what has not begun;
   * `ENODEV` if the device is gone.
   */
  grab(isGrabbed: boolean): void {
    const doing = checkBoolean('isGrabbed', isGrabbed) ? 'grab' : 'release';
    this.request(doing, EVIOCGRAB, isGrabbed ? 1 : 0);
  }

  /**
   * Reads the events of one frame, without the SYN_REPORT that ends it. It takes no more from the kernel, so that `IN` is
   * reported again if another frame waits.
   *
   * @returns `undefined` if no whole frame waits.
   * @throws SystemError `ENODEV` if the device is gone.
   */
  readFrame(): InputFrame | undefined {
    while (this.readBytes(this.#bytes, 0, undefined) !== undefined) {
      const { time, type, code, value } = INPUT_EVENT.decode(this.#bytes);
      const [seconds = 0n, microseconds = 0n] = time;
      const timeMicroseconds = Number(seconds * 1_000_000n + microseconds);
      if (type === InputEventType.SYN && code === SYN_REPORT) {
        return this.#endFrame(timeMicroseconds);
      }
      if (type === InputEventType.SYN && code === SYN_DROPPED) {
        this.#isDropping = true;
      } else {
        this.#events.push({ type, code, value, timeMicroseconds });
      }
    }
    return undefined;
  }

  /**
   * Reads events as they are: each is a `struct input_event` of 24 bytes. This is faster than {@link readFrame} where
   * there are thousands of events per second. Use only one of both.
   *
   * @param length - Maximum number of bytes, at least 24. Defaults to the rest of the buffer.
   * @returns The number of bytes, a multiple of 24; `undefined` if it would block.
   * @throws SystemError `EINVAL` if there is no room for an event, `ENODEV` if the device is gone.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.readBytes(buffer, offset, length);
  }

  #endFrame(timeMicroseconds: number): InputFrame {
    const events = this.#events;
    const resynchronized = this.#isDropping;
    this.#events = [];
    this.#isDropping = false;
    return { events: resynchronized ? this.#state(timeMicroseconds) : events, resynchronized };
  }

  #state(timeMicroseconds: number): readonly InputEvent[] {
    const { codes, absolute } = this.capabilities;
    const bits = STATES.flatMap(([type, request]) => {
      const known = codes.get(type) ?? [];
      // The kernel discards events of this type that wait: they are older than the state.
      const set = known.length === 0 ? new Set() : new Set(this.#numbers('read the state of', request));
      return known.map((code) => ({ type, code, value: set.has(code) ? 1 : 0, timeMicroseconds }));
    });
    const axes = Array.from(absolute, ([code, { value }]) => ({
      type: InputEventType.ABS,
      code,
      value,
      timeMicroseconds,
    }));
    return [...bits, ...axes.filter(({ code }) => code < FIRST_TOUCH_AXIS)];
  }

  #axis(code: number): AbsoluteAxis {
    const bytes = INPUT_ABSINFO.encode();
    this.request('read an axis of', eviocgabs(code), bytes);
    const { value, minimum, maximum, fuzz, flat, resolution } = INPUT_ABSINFO.decode(bytes);
    return { value, min: minimum, max: maximum, fuzz, flat, resolution };
  }

  /** Returns the numbers of the bits that are set. */
  #numbers(doing: string, request: number): readonly number[] {
    const bits = new Uint8Array(BITS_BYTES);
    this.request(doing, request, bits);
    return Array.from(bits, (byte, at) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => at * 8 + bit),
    ).flat();
  }
}
