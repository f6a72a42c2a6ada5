import { checkInteger } from '@em/core/check';
import { binding, type SocketConstants } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { type SystemError, systemError } from '../addon/system-error.js';
import { checkBytes } from '../arguments/check.js';
import { OwnedFd } from '../fds/owned-fd.js';
import { checkReach, withCheckedCount } from './refused-options.js';
import { getBytes, getNumber, getOption, setBytes, setNumber, setOption } from './socket-option.js';

/**
 * The base of all sockets.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from every method and getter once the socket is closed, except `close` and
 * `closed`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` from every method for a wrong argument or an
 * unknown option.
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` from every static method if this is not Linux, or the addon
 * does not load.
 * @throws The errors of {@link EventFd.adopt} from the static method `adopt` of each class.
 */
export abstract class Socket extends OwnedFd {
  /**
   * Numbers from the headers of this machine: families, types, levels, options. The numbers of one family or protocol
   * are the same on every machine, and not listed here: for example, `NETLINK_ROUTE` is 0 in `<linux/netlink.h>`.
   */
  static get constants(): SocketConstants {
    return binding().socketConstants;
  }

  /** The size of the receive buffer (SO_RCVBUF), including what the kernel needs for its own records. */
  getReceiveBufferBytes(): number {
    return getOption(this.fd, 'SOL_SOCKET', 'SO_RCVBUF');
  }

  /**
   * Sets the size of the receive buffer. The kernel doubles it, for its own records, and caps it at
   * `net.core.rmem_max`.
   *
   * @param bytes - 0 to 2³¹ − 1.
   */
  setReceiveBufferBytes(bytes: number): void {
    setOption(this.fd, 'SOL_SOCKET', 'SO_RCVBUF', checkInteger('bytes', bytes, 0, MAX_INT));
  }

  /** The size of the send buffer (SO_SNDBUF), including what the kernel needs for its own records. */
  getSendBufferBytes(): number {
    return getOption(this.fd, 'SOL_SOCKET', 'SO_SNDBUF');
  }

  /**
   * Sets the size of the send buffer. The kernel doubles it, for its own records, and caps it at `net.core.wmem_max`.
   *
   * @param bytes - 0 to 2³¹ − 1.
   */
  setSendBufferBytes(bytes: number): void {
    setOption(this.fd, 'SOL_SOCKET', 'SO_SNDBUF', checkInteger('bytes', bytes, 0, MAX_INT));
  }

  /**
   * Returns the pending error, such as why a connect failed, and clears it. The kernel does not report which call
   * failed: `syscall` is `'getsockopt'`, which reads the error.
   */
  takeError(): SystemError | undefined {
    const errno = getOption(this.fd, 'SOL_SOCKET', 'SO_ERROR');
    return errno === 0 ? undefined : systemError(-errno, 'getsockopt', this.fd);
  }

  /**
   * Reads an option that is a number, an `int` of C.
   *
   * @param level - SOL_SOCKET, or the number of a protocol. 0 to 2³¹ − 1.
   * @param option - 0 to 2³¹ − 1.
   * @throws RangeError `ERR_OUT_OF_RANGE` for an option whose value holds a memory address, such as
   * `TCP_ZEROCOPY_RECEIVE`: the kernel would write there.
   * @throws SystemError `ENOPROTOOPT`, `EOPNOTSUPP` if this socket does not have the option; `EINVAL` if the option is
   * not a number.
   * @see {@link https://man7.org/linux/man-pages/man2/getsockopt.2.html | getsockopt(2)}
   */
  getOption(level: number, option: number): number {
    checkName('get', level, option);
    return getNumber(this.fd, level, option);
  }

  /**
   * Reads an option that is a text or a struct, as bytes.
   *
   * @param into - Receives the option. Some options first read a question from it.
   * @returns The length that the kernel reports, at most that of `into`. It counts bytes; for `SO_GET_FILTER`,
   * instructions.
   * @throws The same as {@link Socket.getOption}.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `into` holds a count of entries that do not fit in it (`IP_MSFILTER`,
   * `MCAST_MSFILTER`, `TCP_AO_GET_KEYS`): the kernel would write beyond its end.
   */
  getOptionBytes(level: number, option: number, into: Uint8Array): number {
    checkName('get', level, option);
    const value = withCheckedCount(level, option, checkBytes('into', into));
    const length = getBytes(this.fd, level, option, value);
    if (value !== into) {
      into.set(value);
    }
    return length;
  }

  /**
   * Sets an option that has no method of its own.
   *
   * The kernel decides what an option means, and nothing is checked here: pass only trusted values as level, option and
   * value.
   *
   * @param value - A number of four bytes, −2³¹ to 2³² − 1, or the bytes of a text or a struct.
   * @throws RangeError `ERR_OUT_OF_RANGE` for an option whose value holds a memory address, such as `SO_ATTACH_FILTER`:
   * the kernel would read or write there.
   * @throws SystemError `ENOPROTOOPT`, `EOPNOTSUPP` if this socket does not have the option; `EINVAL` if the option
   * does not have the value; `EPERM` without the right to set it.
   * @see {@link https://man7.org/linux/man-pages/man2/setsockopt.2.html | setsockopt(2)}
   *
   * @example Give up on a peer that acknowledges nothing for ten seconds
   * ```ts
   * const TCP_USER_TIMEOUT = 18; // from <linux/tcp.h>, in milliseconds
   * stream.setOption(Socket.constants.IPPROTO_TCP, TCP_USER_TIMEOUT, 10_000);
   * ```
   */
  setOption(level: number, option: number, value: number | Uint8Array): void {
    checkName('set', level, option);
    if (typeof value === 'number') {
      setNumber(this.fd, level, option, checkInteger('value', value, -0x8000_0000, 0xffff_ffff));
    } else {
      setBytes(this.fd, level, option, checkBytes('value', value));
    }
  }
}

function checkName(direction: 'get' | 'set', level: unknown, option: unknown): void {
  checkReach(direction, checkInteger('level', level, 0, MAX_INT), checkInteger('option', option, 0, MAX_INT));
}
