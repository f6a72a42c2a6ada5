import { fs } from '../host/builtins.js';

const CLASS = '/sys/class/input';

/** An input device of this machine. */
export interface InputDeviceInfo {
  /** For example `/dev/input/event0`. The number may change when the machine boots. */
  readonly path: string;
  readonly name: string;
}

/** Lists the input devices of this machine, in order of their paths. Empty where there is no sysfs. */
export function listInputDevices(): readonly InputDeviceInfo[] {
  return eventNodes(CLASS)
    .flatMap((node) => infoOf(node))
    .sort((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }));
}

/** Returns the names of the event nodes in a folder of sysfs, for example `'event0'`. */
export function eventNodes(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).filter((name) => name.startsWith('event'));
  } catch {
    return [];
  }
}

function infoOf(node: string): readonly InputDeviceInfo[] {
  try {
    return [{ path: `/dev/input/${node}`, name: fs.readFileSync(`${CLASS}/${node}/device/name`, 'utf8').trimEnd() }];
  } catch {
    return []; // It was unplugged meanwhile.
  }
}
