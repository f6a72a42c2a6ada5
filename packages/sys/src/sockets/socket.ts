import { checkInteger } from '@em/core/check';
import { binding, type SocketConstants } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { type SystemError, systemError } from '../addon/system-error.js';
import { checkBytes } from '../arguments/slice.js';
import { OwnedFd } from '../fds/owned-fd.js';
import { checkReach, withCheckedCount } from './refused-options.js';
import { getBytes, getNumber, getOption, setBytes, setNumber, setOption } from './socket-option.js';

/** What all sockets have in common. */
export abstract class Socket extends OwnedFd {
  /**
   * Numbers of this machine's headers: families, types, levels, options. What a family has of its own is the same on
   * every machine, and for the caller to know: `NETLINK_ROUTE` is 0 in `<linux/netlink.h>`.
   *
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   */
  static get constants(): SocketConstants {
    return binding().socketConstants;
  }

  /**
   * How much may wait to be received (SO_RCVBUF), the kernel's own records included.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  getReceiveBufferBytes(): number {
    return getOption(this.fd, 'SOL_SOCKET', 'SO_RCVBUF');
  }

  /**
   * Sets how much may wait to be received. The kernel doubles it, for its own records, and caps it at
   * `net.core.rmem_max`.
   *
   * @param bytes - 0 to 2³¹ − 1.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `bytes` is not that.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setReceiveBufferBytes(bytes: number): void {
    setOption(this.fd, 'SOL_SOCKET', 'SO_RCVBUF', checkInteger('bytes', bytes, 0, MAX_INT));
  }

  /**
   * How much may wait to be sent (SO_SNDBUF), the kernel's own records included.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  getSendBufferBytes(): number {
    return getOption(this.fd, 'SOL_SOCKET', 'SO_SNDBUF');
  }

  /**
   * Sets how much may wait to be sent. The kernel doubles it, for its own records, and caps it at `net.core.wmem_max`.
   *
   * @param bytes - 0 to 2³¹ − 1.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `bytes` is not that.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setSendBufferBytes(bytes: number): void {
    setOption(this.fd, 'SOL_SOCKET', 'SO_SNDBUF', checkInteger('bytes', bytes, 0, MAX_INT));
  }

  /**
   * Takes the pending error, such as why a connect failed, and clears it. The kernel does not say which call it belongs
   * to: `syscall` is `'getsockopt'`, which reads it.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  takeError(): SystemError | undefined {
    const errno = getOption(this.fd, 'SOL_SOCKET', 'SO_ERROR');
    return errno === 0 ? undefined : systemError(-errno, 'getsockopt', this.fd);
  }

  /**
   * An option that is a number, an `int` of C.
   *
   * @param level - Of the option: SOL_SOCKET, or a protocol's own. 0 to 2³¹ − 1.
   * @param option - 0 to 2³¹ − 1.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @throws RangeError `ERR_OUT_OF_RANGE` for an option whose value holds an address in memory, such as
   * `TCP_ZEROCOPY_RECEIVE`: the kernel would write there.
   * @throws SystemError `ENOPROTOOPT`, `EOPNOTSUPP` if this socket has no such option; `EINVAL` if it is no number.
   * @see {@link https://man7.org/linux/man-pages/man2/getsockopt.2.html | getsockopt(2)}
   */
  getOption(level: number, option: number): number {
    checkName('get', level, option);
    return getNumber(this.fd, level, option);
  }

  /**
   * An option that is something else: a text or a struct, as bytes.
   *
   * @param into - With room for the option. What it holds is read by those options that are asked with a question.
   * @returns The length that the kernel reports, at most that of `into`: bytes, but instructions for `SO_GET_FILTER`.
   * @throws As {@link Socket.getOption} does.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `into` holds a count, as that of `IP_MSFILTER`, `MCAST_MSFILTER` and
   * `TCP_AO_GET_KEYS` does, that is greater than it has room for: the kernel would write beyond it.
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
   * Sets an option for which there is no method.
   *
   * Which option means what is up to the kernel, and not checked: treat level, option and value as trusted input.
   *
   * @param value - A number of four bytes, −2³¹ to 2³² − 1, or the bytes of a text or a struct.
   * @throws RangeError `ERR_OUT_OF_RANGE` for an option whose value holds an address in memory, such as
   * `SO_ATTACH_FILTER`: the kernel would read from there, or write to it.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @throws SystemError `ENOPROTOOPT`, `EOPNOTSUPP` if this socket has no such option; `EINVAL` if it has no such value;
   * `EPERM` without the right to set it.
   * @see {@link https://man7.org/linux/man-pages/man2/setsockopt.2.html | setsockopt(2)}
   *
   * @example Give up on a peer that acknowledges nothing for ten seconds
   * ```ts
   * const TCP_USER_TIMEOUT = 18; // of <linux/tcp.h>, in milliseconds
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
