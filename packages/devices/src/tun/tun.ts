import { checkOptions, outOfRange } from '@em/core/check';
import { close, Ioctl, ioctl } from '@em/sys';
import { checkOneOf } from '../device/checks.js';
import { Device } from '../device/device.js';
import { deviceError, isSystemError } from '../device/device-error.js';
import { IFREQ, type InterfaceRequest } from '../device/ifreq.js';
import { checkInterfaceName, interfacePath } from '../device/network-interface.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { fs } from '../host/builtins.js';

const { O_RDWR } = fs.constants;
const TUN = '/dev/net/tun';

/** These say that their argument has 4 bytes, and take a struct ifreq: linux/if_tun.h. */
const TUNSETIFF = Ioctl.write('T', 202, 4);
const TUNGETIFF = Ioctl.read('T', 210, 4);
const IFF_TAP = 0x0002;
/** No four bytes of flags and protocol before each packet. */
const IFF_NO_PI = 0x1000;
const FLAGS = { tun: 0x0001 | IFF_NO_PI, tap: IFF_TAP | IFF_NO_PI } as const;

const HINTS = {
  EBADFD: '; the interface was deleted: close this object',
  EIO: '; the interface is down',
} as const;

/** `'tun'`: IP packets. `'tap'`: Ethernet frames. */
export type TunMode = 'tun' | 'tap';

/** How {@link Tun.open} makes a network interface. */
export interface TunOptions {
  /**
   * The name of the interface, 1 to 15 bytes. `%d` becomes the first number that is free. Defaults to `'tun%d'`, or
   * `'tap%d'`. If a persistent interface has this name, it is used.
   */
  readonly name?: string;
  /** Defaults to `'tun'`. */
  readonly mode?: TunMode;
}

/**
 * A virtual network interface. You receive the packets that this machine sends to the interface, and the packets that
 * you send arrive from it. When you close it, the interface is gone, unless it is persistent.
 *
 * A new interface is down and has no address. Set it up with ip(8): `ip addr add 10.9.0.1/24 dev tun0`, and
 * `ip link set tun0 up`.
 *
 * It reports `IN` while a packet waits, and `ERROR` once the interface has been deleted.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://docs.kernel.org/networking/tuntap.html | Universal TUN/TAP device driver}
 */
export class Tun extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device), HINTS);
  }

  /**
   * Makes a network interface, or uses a persistent one. Making one needs the capability CAP_NET_ADMIN.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong options.
   * @throws SystemError with `path`: `EPERM` without the capability, `EBUSY` if another process uses the interface,
   * `EINVAL` if an interface of another kind has this name, `ENOENT`, `ENODEV` if the kernel has no TUN driver,
   * `EACCES`, `EMFILE`, `ENFILE`.
   */
  static open(options: TunOptions = {}): Tun {
    const { mode = 'tun', name = `${mode}%d` } = checkOptions('options', options, ['name', 'mode']);
    const request = IFREQ.encode({
      ifr_flags: FLAGS[checkOneOf('options.mode', mode, ['tun', 'tap'])],
      ifr_name: checkName(name),
    });
    const { fd } = openDevice(TUN, O_RDWR, 'tun');
    try {
      ioctl(fd, TUNSETIFF, request);
    } catch (error) {
      close(fd);
      const isForbidden = isSystemError(error) && error.code === 'EPERM';
      const hint = isForbidden ? '; it needs the capability CAP_NET_ADMIN' : '';
      throw deviceError(error, `make the network interface ${name} with`, TUN, hint);
    }
    return new Tun(new OpenDevice(fd, interfacePath('name', IFREQ.decode(request).ifr_name)));
  }

  /**
   * Takes over the fd of an interface that exists, and sets close-on-exec and `O_NONBLOCK`. If it was made without
   * IFF_NO_PI, four bytes of flags and protocol precede each packet.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if the fd stands for something else, or has no interface.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): Tun {
    const probe = (): string => {
      const request = IFREQ.encode();
      ioctl(fd, TUNGETIFF, request);
      return interfacePath('name', IFREQ.decode(request).ifr_name);
    };
    return adoptDevice(fd, 'a TUN or TAP interface', probe, (device) => new Tun(device));
  }

  /**
   * The name that the interface has now.
   *
   * @throws SystemError `EBADFD` if the interface has been deleted.
   */
  get name(): string {
    return this.#settings.ifr_name;
  }

  /** @throws SystemError `EBADFD` if the interface has been deleted. */
  get mode(): TunMode {
    return (this.#settings.ifr_flags & IFF_TAP) === 0 ? 'tun' : 'tap';
  }

  /**
   * Receives one packet. If it is longer than the part of the buffer, the rest of it is lost.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns The length of the packet, or of the part of it that there was room for; `undefined` if it would block.
   * @throws SystemError `EBADFD` if the interface has been deleted.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.readBytes(buffer, offset, length);
  }

  /**
   * Sends one packet to this machine.
   *
   * @param length - The length of the packet. Defaults to the rest of the buffer.
   * @returns Its length; `undefined` if it would block.
   * @throws SystemError `EIO` if the interface is down, `EINVAL` if the bytes are not a packet, `EBADFD` if the interface
   * has been deleted.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.writeBytes(buffer, offset, length);
  }

  get #settings(): InterfaceRequest {
    const request = IFREQ.encode();
    this.request('read the name of', TUNGETIFF, request);
    return IFREQ.decode(request);
  }
}

/** `%d` may be part of it, and no other `%`. */
function checkName(name: unknown): string {
  if (/%(?!d)|%.*%/.test(checkInterfaceName('options.name', name))) {
    throw outOfRange('options.name', 'without "%", except once in "%d"', name);
  }
  return String(name);
}
