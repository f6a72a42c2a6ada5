import { checkBoolean, checkInteger, checkOptions, invalidType } from '@em/core/check';
import { AnySocket, Socket } from '@em/sys';
import { Device, GONE } from '../device/device.js';
import { deviceError, isSystemError, needsModule } from '../device/device-error.js';
import { interfaceIndex, interfaceName, interfacePath } from '../device/network-interface.js';
import { adoptDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { withSocket } from '../device/with-socket.js';
import {
  CAN_FD_FRAME,
  type CanFrame,
  decodeFrame,
  encodeFrame,
  MAX_EXTENDED_ID,
  MAX_STANDARD_ID,
  type NewCanFrame,
} from './frame.js';

// linux/can.h, linux/can/raw.h, linux/can/error.h
const CAN_RAW = 1;
const SOL_CAN_RAW = 101;
const CAN_RAW_FILTER = 1;
const CAN_RAW_ERR_FILTER = 2;
const CAN_RAW_RECV_OWN_MSGS = 4;
const CAN_RAW_FD_FRAMES = 5;
const CAN_EFF_FLAG = 0x8000_0000;
const CAN_RTR_FLAG = 0x4000_0000;
const CAN_ERR_MASK = 0x1fff_ffff;
/** `CAN_RAW_FILTER_MAX`. */
const MAX_FILTERS = 512;
const FILTER_BYTES = 8;

/** `struct sockaddr_can`: family (2), padding (2), interface index (4), addresses of other protocols (16). */
const SOCKADDR_BYTES = 24;
const INDEX_AT = 4;

/** Only the first error says `ENODEV`. */
const HINTS = { ENXIO: GONE, ENETDOWN: '; the interface is down' } as const;

/** Frames pass if their identifier is `id` in the bits of `mask`. */
export interface CanFilter {
  /** 0 to 0x1FFFFFFF. */
  readonly id: number;
  /** Defaults to all bits. */
  readonly mask?: number;
  /** Whether frames with 29 bits pass, not those with 11. Defaults to whether `id` needs more than 11 bits. */
  readonly extended?: boolean;
}

/** How {@link CanSocket.open} opens a socket. */
export interface CanOptions {
  /** A frame passes if it passes one of these, at most 512. Defaults to all frames. None means that nothing is received. */
  readonly filters?: readonly CanFilter[];
  /** Whether frames of CAN FD are received and can be sent. Defaults to false. */
  readonly fdFrames?: boolean;
  /** Whether errors of the bus are received as frames. Defaults to false. */
  readonly errorFrames?: boolean;
  /** Whether this socket receives what it sends. Other sockets of this machine always do. Defaults to false. */
  readonly receiveOwn?: boolean;
}

/**
 * A socket on a CAN bus (SocketCAN).
 *
 * It reports `IN` while a frame waits, and `OUT` while there is room to send. When the interface goes down, `receive()`
 * throws `ENETDOWN` once.
 *
 * `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://docs.kernel.org/networking/can.html | SocketCAN}
 */
export class CanSocket extends Device {
  readonly #buffer: Uint8Array = new Uint8Array(CAN_FD_FRAME.size);

  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device), HINTS);
  }

  /**
   * @param interfaceName - For example `'can0'`. The interface needs a speed, and has to be up:
   * `ip link set can0 up type can bitrate 500000`.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong arguments.
   * @throws SystemError with `path`: `ENODEV` if there is no such interface, or it is no CAN bus; `EAFNOSUPPORT`,
   * `EPROTONOSUPPORT` if the kernel has no CAN (`modprobe can-raw` loads it); `EMFILE`, `ENFILE`.
   */
  static open(interfaceName: string, options: CanOptions = {}): CanSocket {
    const path = interfacePath('interfaceName', interfaceName);
    const {
      filters,
      fdFrames = false,
      errorFrames = false,
      receiveOwn = false,
    } = checkOptions('options', options, ['filters', 'fdFrames', 'errorFrames', 'receiveOwn']);
    const bytes = filters === undefined ? undefined : encodeFilters('options.filters', filters);
    const flags = [
      [CAN_RAW_FD_FRAMES, checkBoolean('options.fdFrames', fdFrames) ? 1 : 0],
      [CAN_RAW_ERR_FILTER, checkBoolean('options.errorFrames', errorFrames) ? CAN_ERR_MASK : 0],
      [CAN_RAW_RECV_OWN_MSGS, checkBoolean('options.receiveOwn', receiveOwn) ? 1 : 0],
    ] as const;
    try {
      const { AF_CAN, SOCK_RAW } = Socket.constants;
      using socket = AnySocket.open({ family: AF_CAN, type: SOCK_RAW, protocol: CAN_RAW });
      for (const [option, value] of flags) {
        socket.setOption(SOL_CAN_RAW, option, value);
      }
      if (bytes !== undefined) {
        socket.setOption(SOL_CAN_RAW, CAN_RAW_FILTER, bytes);
      }
      socket.bind(sockaddrOf(interfaceIndex(socket.fd, interfaceName)));
      return new CanSocket(new OpenDevice(socket.detach(), path));
    } catch (error) {
      const isMissing = isSystemError(error) && ['EAFNOSUPPORT', 'EPROTONOSUPPORT'].includes(error.code);
      const hint = isMissing ? needsModule('can-raw') : '';
      throw deviceError(error, 'open a CAN socket on', path, hint);
    }
  }

  /**
   * Takes over the fd of a raw CAN socket that is bound to an interface, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): CanSocket {
    const probe = (): string => {
      const sockaddr = withSocket(fd, (socket) => {
        socket.getOption(SOL_CAN_RAW, CAN_RAW_FD_FRAMES);
        return socket.localAddress;
      });
      const index = new DataView(sockaddr.buffer, sockaddr.byteOffset).getInt32(INDEX_AT, true);
      return interfacePath('interface', interfaceName(fd, index));
    };
    return adoptDevice(fd, 'a CAN socket on one interface', probe, (device) => new CanSocket(device));
  }

  /**
   * Replaces the filters.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for wrong filters.
   */
  setFilters(filters: readonly CanFilter[]): void {
    const bytes = encodeFilters('filters', filters);
    withSocket(this.fd, (socket) => socket.setOption(SOL_CAN_RAW, CAN_RAW_FILTER, bytes));
  }

  /**
   * Receives a frame.
   *
   * @returns `undefined` if it would block.
   * @throws SystemError with `path`, once: `ENETDOWN` if the interface went down, `ENODEV` if it is gone.
   */
  receive(): CanFrame | undefined {
    const length = this.readBytes(this.#buffer, 0, undefined);
    return length === undefined ? undefined : decodeFrame(this.#buffer, length);
  }

  /**
   * Sends a frame.
   *
   * @returns The number of data bytes; `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong frame.
   * @throws SystemError with `path`: `ENOBUFS` if the queue of the interface is full, which no event reports: try again
   * later; `EINVAL` if the bus has no CAN FD; `ENETDOWN` if the interface is down; `ENXIO` if it is gone.
   */
  send(frame: NewCanFrame): number | undefined {
    const bytes = encodeFrame(frame);
    return this.writeBytes(bytes, 0, undefined) === undefined ? undefined : (frame.data?.length ?? 0);
  }
}

function sockaddrOf(index: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(SOCKADDR_BYTES));
  view.setUint16(0, Socket.constants.AF_CAN, true);
  view.setInt32(INDEX_AT, index, true);
  return new Uint8Array(view.buffer);
}

/** Makes an array of `struct can_filter`: identifier and flags (4), mask (4). */
function encodeFilters(name: string, filters: readonly CanFilter[]): Uint8Array {
  if (!Array.isArray(filters)) {
    throw invalidType(name, 'an array', filters);
  }
  checkInteger(`${name}.length`, filters.length, 0, MAX_FILTERS);
  const view = new DataView(new ArrayBuffer(filters.length * FILTER_BYTES));
  for (const [index, filter] of (filters as readonly CanFilter[]).entries()) {
    const at = `${name}[${index}]`;
    const { id, mask = MAX_EXTENDED_ID, ...rest } = checkOptions(at, filter, ['id', 'mask', 'extended']);
    checkInteger(`${at}.id`, id, 0, MAX_EXTENDED_ID);
    checkInteger(`${at}.mask`, mask, 0, MAX_EXTENDED_ID);
    const { extended = id > MAX_STANDARD_ID } = rest;
    const flag = checkBoolean(`${at}.extended`, extended) ? CAN_EFF_FLAG : 0;
    view.setUint32(index * FILTER_BYTES, (id | flag) >>> 0, true);
    view.setUint32(index * FILTER_BYTES + 4, (mask | CAN_EFF_FLAG | CAN_RTR_FLAG) >>> 0, true);
  }
  return new Uint8Array(view.buffer);
}
