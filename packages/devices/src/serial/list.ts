import { fs } from '../host/builtins.js';

const CLASS = '/sys/class/tty';
const BY_ID = '/dev/serial/by-id';

/** A serial port of this machine. What is not known is `undefined`: only USB devices say more than the path. */
export interface SerialPortInfo {
  /** For example `/dev/ttyUSB0`. */
  readonly path: string;
  readonly manufacturer: string | undefined;
  readonly serialNumber: string | undefined;
  /** The name of its link in `/dev/serial/by-id`. */
  readonly pnpId: string | undefined;
  /** The USB port that it is plugged into, for example `'1-1.4'`. */
  readonly locationId: string | undefined;
  /** Four hexadecimal digits. */
  readonly productId: string | undefined;
  /** Four hexadecimal digits. */
  readonly vendorId: string | undefined;
}

/** Lists the serial ports that have hardware, in order of their paths. Empty where there is no sysfs. */
export function listSerialPorts(): readonly SerialPortInfo[] {
  const links = new Map(namesIn(BY_ID).map((name) => [resolve(`${BY_ID}/${name}`), name]));
  return namesIn(CLASS)
    .filter(hasHardware)
    .map((name) => infoOf(name, links))
    .sort((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }));
}

/** Ports of the driver 8250 exist without hardware. Their type is 0, "unknown", then. */
function hasHardware(name: string): boolean {
  return resolve(`${CLASS}/${name}/device`) !== undefined && textOf(`${CLASS}/${name}/type`) !== '0';
}

function infoOf(name: string, links: ReadonlyMap<string | undefined, string>): SerialPortInfo {
  const path = `/dev/${name}`;
  const usb = usbDeviceOf(resolve(`${CLASS}/${name}/device`) ?? '');
  const ofUsb = (attribute: string): string | undefined =>
    usb === undefined ? undefined : textOf(`${usb}/${attribute}`);
  return {
    path,
    manufacturer: ofUsb('manufacturer'),
    serialNumber: ofUsb('serial'),
    pnpId: links.get(path),
    locationId: usb?.slice(usb.lastIndexOf('/') + 1),
    productId: ofUsb('idProduct'),
    vendorId: ofUsb('idVendor'),
  };
}

/** Returns the nearest folder above that describes a USB device. */
function usbDeviceOf(folder: string): string | undefined {
  if (folder === '') {
    return undefined;
  }
  return fs.existsSync(`${folder}/idVendor`) ? folder : usbDeviceOf(folder.slice(0, folder.lastIndexOf('/')));
}

function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function resolve(path: string): string | undefined {
  try {
    return fs.realpathSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
