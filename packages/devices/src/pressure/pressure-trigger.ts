import { constants } from 'node:os';
import { checkInteger, checkOptions, invalidType } from '@em/core/check';
import { write } from '@em/sys';
import { checkOneOf } from '../device/checks.js';
import { Device, setUp } from '../device/device.js';
import { deviceError, isSystemError } from '../device/device-error.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';

const { O_RDWR } = fs.constants;
const ENOTTY = { code: 'ENOTTY', errno: -constants.errno.ENOTTY } as const;
const PRESSURE_FILE = /^\/proc\/pressure\/\w+$|\/(memory|cpu|io)\.pressure$/;
const RESOURCES = ['memory', 'cpu', 'io'] as const;

/** `WINDOW_MIN_US` and `WINDOW_MAX_US` of kernel/sched/psi.c. */
const MIN_WINDOW = 500_000;
const MAX_WINDOW = 10_000_000;
const DEFAULT_WINDOW = 2_000_000;

/** What programs wait for. */
export type PressureResource = 'memory' | 'cpu' | 'io';

/** When a {@link PressureTrigger} reports. */
export interface PressureTriggerOptions {
  readonly resource: PressureResource;
  /** The time that programs have to wait within a window, in microseconds: 1 to the window. */
  readonly stallMicroseconds: number;
  /**
   * 500,000 to 10,000,000. Without CAP_SYS_RESOURCE a multiple of 2,000,000, and before Linux 6.5 not possible at all.
   * Defaults to 2,000,000.
   */
  readonly windowMicroseconds?: number;
  /** `'some'` counts the time in which any program waits, `'full'` that in which all wait. Defaults to `'some'`. */
  readonly scope?: 'some' | 'full';
  /** The folder of a control group (version 2), for example `/sys/fs/cgroup/web`. Defaults to the whole machine. */
  readonly cgroup?: string;
}

/** The share of time in which programs waited, in percent, and the sum. */
export interface PressureShare {
  /** Over the last 10 seconds. */
  readonly avg10: number;
  /** Over the last minute. */
  readonly avg60: number;
  /** Over the last five minutes. */
  readonly avg300: number;
  readonly totalMicroseconds: number;
}

/** How long programs waited for a resource. */
export interface Pressure {
  readonly some: PressureShare;
  /** `undefined` where the kernel does not measure it. */
  readonly full: PressureShare | undefined;
}

/**
 * Reads how long programs have waited for a resource.
 *
 * @param cgroup - The folder of a control group (version 2). Defaults to the whole machine.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong arguments.
 * @throws Error of `fs.readFileSync`: `ENOENT` if there is no such control group, or the kernel has no PSI;
 * `EOPNOTSUPP` if PSI is off: boot with `psi=1`.
 */
export function readPressure(resource: PressureResource, cgroup?: string): Pressure {
  const text = fs.readFileSync(pathOf(checkOneOf('resource', resource, RESOURCES), 'cgroup', cgroup), 'utf8');
  return {
    some: shareOf(text, 'some') ?? { avg10: 0, avg60: 0, avg300: 0, totalMicroseconds: 0 },
    full: shareOf(text, 'full'),
  };
}

/**
 * Reports `PRIORITY` when programs have waited longer than a threshold, at most once per window. It reports `ERROR` when
 * its control group is removed.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://docs.kernel.org/accounting/psi.html | Pressure Stall Information}
 */
export class PressureTrigger extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device));
  }

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong options.
   * @throws SystemError with `path`: `EINVAL`, `EPERM` if this window needs CAP_SYS_RESOURCE; `EOPNOTSUPP` if PSI is off:
   * boot with `psi=1`; `ENOENT`, `EACCES`, `EMFILE`, `ENFILE`.
   */
  static open(options: PressureTriggerOptions): PressureTrigger {
    const {
      resource,
      scope = 'some',
      stallMicroseconds,
      windowMicroseconds = DEFAULT_WINDOW,
      cgroup,
    } = checkOptions('options', options, ['resource', 'scope', 'stallMicroseconds', 'windowMicroseconds', 'cgroup']);
    const path = pathOf(checkOneOf('options.resource', resource, RESOURCES), 'options.cgroup', cgroup);
    checkOneOf('options.scope', scope, ['some', 'full']);
    checkInteger('options.windowMicroseconds', windowMicroseconds, MIN_WINDOW, MAX_WINDOW);
    checkInteger('options.stallMicroseconds', stallMicroseconds, 1, windowMicroseconds);
    const trigger = Buffer.from(`${scope} ${stallMicroseconds} ${windowMicroseconds}\0`);
    return setUp(new PressureTrigger(openDevice(path, O_RDWR)), (object) => object.#set(trigger));
  }

  /**
   * Takes over the fd of a pressure file that has a threshold, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): PressureTrigger {
    const probe = (): string => {
      const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
      if (!PRESSURE_FILE.test(path)) {
        throw Object.assign(new Error('another file'), { ...ENOTTY, syscall: 'readlink' });
      }
      return path;
    };
    return adoptDevice(fd, 'a pressure file', probe, (device) => new PressureTrigger(device));
  }

  #set(trigger: Uint8Array): void {
    try {
      write(this.fd, trigger);
    } catch (error) {
      const needsPrivilege = isSystemError(error) && ['EINVAL', 'EPERM'].includes(error.code);
      const hint = '; without CAP_SYS_RESOURCE the window must be a multiple of 2 s';
      throw deviceError(error, 'set the threshold of', this.path, needsPrivilege ? hint : '');
    }
  }
}

function pathOf(resource: PressureResource, argument: string, cgroup: string | undefined): string {
  if (cgroup === undefined) {
    return `/proc/pressure/${resource}`;
  }
  if (typeof cgroup !== 'string') {
    throw invalidType(argument, 'a string', cgroup);
  }
  return `${cgroup}/${resource}.pressure`;
}

function shareOf(text: string, scope: string): PressureShare | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${scope} `));
  if (line === undefined) {
    return undefined;
  }
  const numberOf = (name: string): number => Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1]);
  return {
    avg10: numberOf('avg10'),
    avg60: numberOf('avg60'),
    avg300: numberOf('avg300'),
    totalMicroseconds: numberOf('total'),
  };
}
