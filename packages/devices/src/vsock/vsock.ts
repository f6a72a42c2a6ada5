import { constants } from 'node:os';
import { checkInteger, checkOptions } from '@em/core/check';
import { AnySocket, close, ioctl, Socket, type SystemError } from '@em/sys';
import { Device } from '../device/device.js';
import { deviceError, isSystemError } from '../device/device-error.js';
import { adoptDevice, openDevice } from '../device/open.js';
import { OpenDevice } from '../device/open-device.js';
import { withSocket } from '../device/with-socket.js';
import { fs } from '../host/builtins.js';

/** `IOCTL_VM_SOCKETS_GET_LOCAL_CID` of linux/vm_sockets.h: `_IO(7, 0xb9)`. */
const GET_LOCAL_CID = 0x07b9;
const VSOCK = '/dev/vsock';
const { O_RDONLY } = fs.constants;

const ENOPROTOOPT = { code: 'ENOPROTOOPT', errno: -constants.errno.ENOPROTOOPT } as const;
const MAX_WORD = 0xffff_ffff;
/** `struct sockaddr_vm`: family (2), zero (2), port (4), cid (4), flags and zeros (4). */
const SOCKADDR_BYTES = 16;
const PORT_AT = 4;
const CID_AT = 8;

/** Contexts and ports with a meaning: linux/vm_sockets.h. */
export const VMADDR = {
  /** Listen in all contexts. */
  CID_ANY: 0xffff_ffff,
  /** This machine itself. */
  CID_LOCAL: 1,
  /** The host of this virtual machine. */
  CID_HOST: 2,
  /** Any free port. */
  PORT_ANY: 0xffff_ffff,
} as const;

/** An address of vsock. */
export interface VsockAddress {
  /** The context: 2 is the host, 1 this machine, others are virtual machines. 0 to 2³² − 1. */
  readonly cid: number;
  /** 0 to 2³² − 1. Below 1024, listening needs CAP_NET_BIND_SERVICE. */
  readonly port: number;
}

/**
 * Returns the context of this machine: what others connect to.
 *
 * @throws SystemError with `path`: `ENOENT`, `ENODEV` if there is no vsock, `EACCES` (the message names the group that
 * may), `EADDRNOTAVAIL`.
 */
export function localCid(): number {
  const { fd } = openDevice(VSOCK, O_RDONLY, 'vsock');
  try {
    const word = new Uint32Array(1);
    ioctl(fd, GET_LOCAL_CID, new Uint8Array(word.buffer));
    return word[0] ?? 0;
  } catch (error) {
    throw deviceError(error, 'read the context of', VSOCK);
  } finally {
    close(fd);
  }
}

let streamOf: (device: OpenDevice) => VsockStream;

/**
 * Accepts connections between a virtual machine and its host.
 *
 * It reports `IN` while a connection waits. `OwnedFd` of `@em/sys` lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/vsock.7.html | vsock(7)}
 */
export class VsockListener extends Device {
  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device));
  }

  /**
   * @param address - Defaults to any free port in all contexts.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong address.
   * @throws SystemError with `path`: `EADDRINUSE`, `EADDRNOTAVAIL` if the context is not this machine, `EACCES`,
   * `EAFNOSUPPORT` if the kernel has no vsock, `EMFILE`, `ENFILE`.
   */
  static listen(address: Partial<VsockAddress> = {}): VsockListener {
    const { cid = VMADDR.CID_ANY, port = VMADDR.PORT_ANY } = checkOptions('address', address, ['cid', 'port']);
    const sockaddr = sockaddrOf({ cid, port });
    const path = pathOf({ cid, port });
    try {
      using socket = openSocket();
      socket.bind(sockaddr);
      socket.listen();
      const { localAddress } = socket;
      return new VsockListener(new OpenDevice(socket.detach(), pathOf(addressOf(localAddress))));
    } catch (error) {
      const isReserved = isSystemError(error) && error.code === 'EACCES';
      const hint = isReserved ? '; a port below 1024 needs the capability CAP_NET_BIND_SERVICE' : '';
      throw deviceError(error, 'listen at', path, hint);
    }
  }

  /**
   * Takes over the fd of a vsock socket that listens, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): VsockListener {
    return adoptDevice(fd, 'a vsock listener', probe(true), (device) => new VsockListener(device));
  }

  get address(): VsockAddress {
    return withSocket(this.fd, ({ localAddress }) => addressOf(localAddress));
  }

  /**
   * @returns `undefined` if it would block.
   * @throws SystemError with `path`: `EMFILE`, `ENFILE` if there are too many open files. The connection waits then.
   */
  accept(): VsockStream | undefined {
    const { fd } = this;
    try {
      using accepted = withSocket(fd, (socket) => socket.accept());
      return accepted && streamOf(new OpenDevice(accepted.detach(), this.path));
    } catch (error) {
      throw deviceError(error, 'accept at', this.path);
    }
  }
}

/**
 * A connection between a virtual machine and its host, which carries bytes.
 *
 * It reports `IN` while bytes have arrived and at the end, and `OUT` when it is connected and there is room to write.
 * `OwnedFd` of `@em/sys` lists what every method throws.
 */
export class VsockStream extends Device {
  static {
    streamOf = (device) => new VsockStream(device);
  }

  private constructor(device: OpenDevice) {
    super(OpenDevice.only(device));
  }

  /**
   * Starts to connect. The stream reports `OUT` once it is connected, and `ERROR` if that fails: `takeError()` says why.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong address.
   * @throws SystemError with `path`: `ENODEV`, `ENETUNREACH` if there is no way to this context, `ECONNRESET`,
   * `EAFNOSUPPORT` if the kernel has no vsock, `EMFILE`, `ENFILE`.
   */
  static connect(address: VsockAddress): VsockStream {
    const { cid, port } = checkOptions('address', address, ['cid', 'port']);
    const sockaddr = sockaddrOf({ cid, port });
    const path = pathOf({ cid, port });
    try {
      using socket = openSocket();
      socket.connect(sockaddr);
      return new VsockStream(new OpenDevice(socket.detach(), path));
    } catch (error) {
      throw deviceError(error, 'connect to', path);
    }
  }

  /**
   * Takes over the fd of a vsock connection, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
   * @throws SystemError `EBADF` if it is not open.
   */
  static adopt(fd: number): VsockStream {
    return adoptDevice(fd, 'a vsock stream', probe(false), (device) => new VsockStream(device));
  }

  get localAddress(): VsockAddress {
    return withSocket(this.fd, ({ localAddress }) => addressOf(localAddress));
  }

  /** @throws SystemError `ENOTCONN` if it is not connected. */
  get remoteAddress(): VsockAddress {
    return withSocket(this.fd, ({ remoteAddress }) => addressOf(remoteAddress));
  }

  /** Returns the pending error, such as why a connect failed, and clears it. */
  takeError(): SystemError | undefined {
    return withSocket(this.fd, (socket) => socket.takeError());
  }

  /**
   * Receives the bytes that are there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns The number of bytes, 0 at the end, `undefined` if it would block.
   * @throws SystemError with `path`: `ECONNRESET`, `ENOTCONN`, `ETIMEDOUT`.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.readBytes(buffer, offset, length);
  }

  /**
   * Sends as many bytes as there is room for.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes sent; `undefined` if it would block.
   * @throws SystemError with `path`: `EPIPE`, `ECONNRESET`, `ENOTCONN`.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.writeBytes(buffer, offset, length);
  }

  /** Ends writing. The peer reads everything that was written, and then the end. You can still read. */
  shutdownWrite(): void {
    withSocket(this.fd, (socket) => socket.shutdownWrite());
  }
}

function openSocket(): AnySocket {
  const { AF_VSOCK, SOCK_STREAM } = Socket.constants;
  return AnySocket.open({ family: AF_VSOCK, type: SOCK_STREAM });
}

/** Returns a check that an fd is a vsock socket that listens, or one that is connected. */
function probe(isListener: boolean): (fd: number) => string {
  return (fd) =>
    withSocket(fd, (socket) => {
      const { AF_VSOCK, SOL_SOCKET, SO_ACCEPTCONN, SO_DOMAIN } = Socket.constants;
      const isVsock = socket.getOption(SOL_SOCKET, SO_DOMAIN) === AF_VSOCK;
      if (!isVsock || (socket.getOption(SOL_SOCKET, SO_ACCEPTCONN) === 1) !== isListener) {
        throw Object.assign(new Error('another kind of socket'), { ...ENOPROTOOPT, syscall: 'getsockopt' });
      }
      return pathOf(addressOf(isListener ? socket.localAddress : socket.remoteAddress));
    });
}

function sockaddrOf({ cid, port }: VsockAddress): Uint8Array {
  const view = new DataView(new ArrayBuffer(SOCKADDR_BYTES));
  view.setUint16(0, Socket.constants.AF_VSOCK, true);
  view.setUint32(PORT_AT, checkInteger('address.port', port, 0, MAX_WORD), true);
  view.setUint32(CID_AT, checkInteger('address.cid', cid, 0, MAX_WORD), true);
  return new Uint8Array(view.buffer);
}

function addressOf(sockaddr: Uint8Array): VsockAddress {
  const view = new DataView(sockaddr.buffer, sockaddr.byteOffset, sockaddr.byteLength);
  return { cid: view.getUint32(CID_AT, true), port: view.getUint32(PORT_AT, true) };
}

/** What errors name. */
function pathOf({ cid, port }: VsockAddress): string {
  return `vsock:${cid}:${port}`;
}
