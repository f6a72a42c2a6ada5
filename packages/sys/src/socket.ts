import { checkInteger } from '@em/core/check';
import { OwnedFd } from './owned-fd.js';
import { getOption, setOption } from './socket-option.js';

/** What all sockets have in common. */
export abstract class Socket extends OwnedFd {
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
    setOption(this.fd, 'SOL_SOCKET', 'SO_RCVBUF', checkInteger('bytes', bytes, 0, 0x7fff_ffff));
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
    setOption(this.fd, 'SOL_SOCKET', 'SO_SNDBUF', checkInteger('bytes', bytes, 0, 0x7fff_ffff));
  }
}
