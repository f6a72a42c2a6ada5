import { EventManagerError, getFlags, ioctl, open, setNonBlocking } from '@em/sys';
import { fs } from '../host/builtins.js';
import { deviceError, isSystemError, needsModule } from './device-error.js';
import { OpenDevice } from './open-device.js';

/** asm-generic/ioctls.h: clear or set close-on-exec. */
const FIONCLEX = 0x5450;
const FIOCLEX = 0x5451;

/** The permission bits of a group: linux/stat.h. */
const S_IRGRP = 0o040;
const S_IWGRP = 0o020;

/**
 * Opens a device, non-blocking and close-on-exec.
 *
 * @param flags - `O_` constants.
 * @param module - The kernel module that makes the device, if only one does.
 * @throws SystemError with `path`. If it is `EACCES`, the message says which group may open the device.
 */
export function openDevice(path: string, flags: number, module?: string): OpenDevice {
  try {
    return new OpenDevice(open(path, flags), path);
  } catch (error) {
    throw deviceError(error, 'open', path, isSystemError(error) ? hintOf(error.code, path, module) : '');
  }
}

/**
 * Makes an object of an fd that exists: sets close-on-exec and `O_NONBLOCK`. If it throws, the fd is unchanged and still
 * the caller's.
 *
 * @param kind - What the fd has to stand for, for example `'the master of a pty'`.
 * @param probe - Throws if the fd stands for something else, for example because it does not know a request. Returns the
 * path that errors name; `undefined` for that of the fd.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
 * @throws EventManagerError `ERR_EM_WRONG_KIND` if it stands for something else.
 * @throws SystemError `EBADF` if it is not open.
 */
export function adoptDevice<T>(
  fd: number,
  kind: string,
  probe: (fd: number) => string | undefined,
  make: (device: OpenDevice) => T,
): T {
  const { nonBlocking, closeOnExec } = getFlags(fd);
  const path = probed(fd, kind, probe);
  try {
    ioctl(fd, FIOCLEX);
    setNonBlocking(fd, true);
    return make(new OpenDevice(fd, path));
  } catch (error) {
    ioctl(fd, closeOnExec ? FIOCLEX : FIONCLEX);
    setNonBlocking(fd, nonBlocking);
    throw error;
  }
}

function probed(fd: number, kind: string, probe: (fd: number) => string | undefined): string {
  const path = pathOf(fd);
  try {
    return probe(fd) ?? path;
  } catch (cause) {
    if (!isSystemError(cause)) {
      throw cause;
    }
    const message = `Cannot adopt fd ${fd}: it is ${path}, not ${kind}`;
    throw Object.assign(new EventManagerError('ERR_EM_WRONG_KIND', message, { cause }), { fd });
  }
}

function pathOf(fd: number): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return `fd ${fd}`; // There is no /proc.
  }
}

function hintOf(code: string, path: string, module: string | undefined): string {
  if (module !== undefined && ['ENOENT', 'ENODEV', 'ENXIO'].includes(code)) {
    return needsModule(module);
  }
  if (code === 'EBUSY') {
    return '; another program has locked it';
  }
  return code === 'EACCES' ? whoMay(path) : '';
}

/** Says which group can open a device, if there is one. */
function whoMay(path: string): string {
  try {
    const { gid, mode } = fs.statSync(path);
    if ((mode & (S_IRGRP | S_IWGRP)) === 0) {
      return '; only its owner and root may';
    }
    return `; members of the group ${groupName(gid)} may`;
  } catch {
    return '';
  }
}

function groupName(gid: number): string {
  const lines = fs.readFileSync('/etc/group', 'utf8').split('\n');
  return lines.map((line) => line.split(':')).find(([, , id]) => id === String(gid))?.[0] ?? String(gid);
}
