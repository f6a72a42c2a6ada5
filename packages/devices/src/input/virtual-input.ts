import { checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { close, Ioctl, ioctl } from '@em/sys';
import { Device } from '../device/device.js';
import { deviceError } from '../device/device-error.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';
import { text } from '../struct/fields.js';
import type { InputId } from './input-device.js';
import { InputEventType, SYN_REPORT } from './input-event-type.js';
import { eventNodes } from './list.js';
import { INPUT_EVENT, UINPUT_ABS_SETUP, UINPUT_SETUP } from './structs.js';

const { O_RDWR } = fs.constants;
const UINPUT = '/dev/uinput';
const SYSNAME = text(64);

// linux/uinput.h
const UI_DEV_CREATE = Ioctl.none('U', 1);
const UI_DEV_SETUP = Ioctl.write('U', 3, UINPUT_SETUP.size);
const UI_ABS_SETUP = Ioctl.write('U', 4, UINPUT_ABS_SETUP.size);
const UI_GET_SYSNAME = Ioctl.read('U', 44, SYSNAME.size);
const UI_SET_EVBIT = Ioctl.write('U', 100, 4);
const UI_SET_KEYBIT = Ioctl.write('U', 101, 4);
const UI_SET_RELBIT = Ioctl.write('U', 102, 4);
const UI_SET_SWBIT = Ioctl.write('U', 109, 4);

const BUS_VIRTUAL = 0x06;
const MAX_NAME_BYTES = 79;
/** `_MAX` in linux/input-event-codes.h. */
const KEY_MAX = 0x2ff;
const REL_MAX = 0x0f;
const ABS_MAX = 0x3f;
const SW_MAX = 0x10;
const U16_MAX = 0xffff;
const I32_MIN = -0x8000_0000;
const I32_MAX = 0x7fff_ffff;

/** An absolute axis of a virtual input device. */
export interface VirtualAxis {
  /** 0 to 0x3f: `ABS_` in linux/input-event-codes.h. */
  readonly code: number;
  /** The least value, from −2³¹. */
  readonly min: number;
  /** The greatest value, `min` to 2³¹ − 1. */
  readonly max: number;
}

/** What a virtual input device is, and which events it can report. Codes are in linux/input-event-codes.h. */
export interface VirtualInputOptions {
  /** 1 to 79 bytes. */
  readonly name: string;
  /** Numbers from 0 to 65,535. `bus` defaults to 6, "virtual", the others to 0. */
  readonly id?: Partial<InputId>;
  /** Codes of keys and buttons, 0 to 0x2ff. */
  readonly keys?: readonly number[];
  /** Codes of relative axes, 0 to 0x0f. */
  readonly relative?: readonly number[];
  readonly absolute?: readonly VirtualAxis[];
  /** Codes of switches, 0 to 0x10. */
  readonly switches?: readonly number[];
}

/**
 * An input device that a program plays: what it emits arrives as from a keyboard or a mouse (uinput). Closing it removes
 * the device.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://docs.kernel.org/input/uinput.html | uinput module}
 */
export class VirtualInput extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device));
  }

  /**
   * Makes an input device. Other programs use it like a real one: a desktop takes its keys for typed ones.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong options.
   * @throws SystemError with `path`: `EACCES` (the message says who may), `ENOENT`, `ENODEV` if the kernel has no uinput
   * (`modprobe uinput` loads it), `EINVAL` if it refuses an axis, `EMFILE`, `ENFILE`.
   */
  static create(options: VirtualInputOptions): VirtualInput {
    const requests = requestsFor(options);
    const { fd } = openDevice(UINPUT, O_RDWR, 'uinput');
    try {
      for (const [request, argument] of requests) {
        ioctl(fd, request, argument);
      }
      return new VirtualInput(new OpenDevice(fd, pathOf(fd)));
    } catch (error) {
      close(fd);
      throw deviceError(error, `make the input device ${options.name} with`, UINPUT);
    }
  }

  /**
   * Takes over the fd of a virtual input device, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else, or its device was not made yet.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): VirtualInput {
    return adoptDevice(fd, 'a virtual input device', pathOf, (device) => new VirtualInput(device));
  }

  /**
   * The path for {@link InputDevice.open}, for example `/dev/input/event7`. `undefined` if the kernel has no evdev. Where
   * udev runs, it sets the permissions a moment after the device was made.
   */
  get eventPath(): string | undefined {
    const [node] = eventNodes(this.path);
    return node === undefined ? undefined : `/dev/input/${node}`;
  }

  /**
   * Emits an event. Readers get it after {@link sync}. The kernel ignores events that the device cannot report, and those
   * that change nothing.
   *
   * @param type - 0 to 65,535: one of {@link InputEventType}.
   * @param code - 0 to 65,535: linux/input-event-codes.h.
   * @param value - −2³¹ to 2³¹ − 1. For a key 1 to press it, 0 to release it.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   */
  emit(type: number, code: number, value: number): void {
    const event = INPUT_EVENT.encode({
      type: checkInteger('type', type, 0, U16_MAX),
      code: checkInteger('code', code, 0, U16_MAX),
      value: checkInteger('value', value, I32_MIN, I32_MAX),
    });
    this.writeBytes(event, 0, undefined);
  }

  /** Ends a frame: the events since the last call happened at the same time. */
  sync(): void {
    this.emit(InputEventType.SYN, SYN_REPORT, 0);
  }
}

type Request = readonly [request: number, argument: number | Uint8Array];

/** Checks options, and returns the requests that make the device. */
function requestsFor(options: VirtualInputOptions): readonly Request[] {
  const {
    name,
    id = {},
    keys = [],
    relative = [],
    absolute = [],
    switches = [],
  } = checkOptions('options', options, ['name', 'id', 'keys', 'relative', 'absolute', 'switches']);
  const { bus = BUS_VIRTUAL, ...numbers } = checkOptions('options.id', id, ['bus', 'vendor', 'product', 'version']);
  for (const [field, value] of Object.entries({ bus, ...numbers })) {
    checkInteger(`options.id.${field}`, value, 0, U16_MAX);
  }
  const setup = UINPUT_SETUP.encode({
    id: { bustype: bus, vendor: 0, product: 0, version: 0, ...numbers },
    name: checkName(name),
  });
  return [
    [UI_DEV_SETUP, setup],
    ...requestsOf('keys', InputEventType.KEY, keys, (name, code) => [
      UI_SET_KEYBIT,
      checkInteger(name, code, 0, KEY_MAX),
    ]),
    ...requestsOf('relative', InputEventType.REL, relative, (name, code) => [
      UI_SET_RELBIT,
      checkInteger(name, code, 0, REL_MAX),
    ]),
    ...requestsOf('absolute', InputEventType.ABS, absolute, (name, axis) => [UI_ABS_SETUP, setupOf(name, axis)]),
    ...requestsOf('switches', InputEventType.SW, switches, (name, code) => [
      UI_SET_SWBIT,
      checkInteger(name, code, 0, SW_MAX),
    ]),
    [UI_DEV_CREATE, 0],
  ];
}

function requestsOf<T>(
  option: string,
  type: number,
  values: readonly T[],
  toRequest: (name: string, value: T) => Request,
): readonly Request[] {
  const name = `options.${option}`;
  if (!Array.isArray(values)) {
    throw invalidType(name, 'an array', values);
  }
  const requests = values.map((value: T, index) => toRequest(`${name}[${index}]`, value));
  return requests.length === 0 ? [] : [[UI_SET_EVBIT, type], ...requests];
}

function setupOf(name: string, axis: VirtualAxis): Uint8Array {
  const { code, min, max } = checkOptions(name, axis, ['code', 'min', 'max']);
  const minimum = checkInteger(`${name}.min`, min, I32_MIN, I32_MAX);
  const maximum = checkInteger(`${name}.max`, max, minimum, I32_MAX);
  const absinfo = { value: 0, minimum, maximum, fuzz: 0, flat: 0, resolution: 0 };
  return UINPUT_ABS_SETUP.encode({ code: checkInteger(`${name}.code`, code, 0, ABS_MAX), absinfo });
}

function checkName(name: unknown): string {
  if (typeof name !== 'string') {
    throw invalidType('options.name', 'a string', name);
  }
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw outOfRange('options.name', `1 to ${MAX_NAME_BYTES} bytes without a zero`, name);
  }
  return name;
}

/** Returns the folder in sysfs of the device that an fd of uinput has made. */
function pathOf(fd: number): string {
  const bytes = new Uint8Array(SYSNAME.size);
  ioctl(fd, UI_GET_SYSNAME, bytes);
  return `/sys/class/input/${SYSNAME.read(new DataView(bytes.buffer), 0)}`;
}
