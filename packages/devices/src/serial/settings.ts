import { checkBoolean, checkInteger, checkOptions } from '@em/core/check';
import { checkOneOf } from '../device/checks.js';
import { CONSTANTS } from '../termios/constants.js';
import { raw, type TermiosStruct } from '../termios/termios.js';

const { BOTHER, CBAUD, CIBAUD, CLOCAL, CMSPAR, CREAD, CRTSCTS, CS5, CS6, CS7, CS8, CSIZE, CSTOPB } = CONSTANTS;
const { INPCK, IXOFF, IXON, PARENB, PARODD } = CONSTANTS;

const MAX_BAUD_RATE = 0xffff_ffff;
/** Drivers set the nearest speed that the hardware has. Devices tolerate this share of difference. */
const TOLERANCE = 0.03;

const DATA_BITS = { 5: CS5, 6: CS6, 7: CS7, 8: CS8 } as const;
const PARITY = {
  none: 0,
  even: PARENB,
  odd: PARENB | PARODD,
  mark: PARENB | PARODD | CMSPAR,
  space: PARENB | CMSPAR,
} as const;
const STOP_BITS = { 1: 0, 2: CSTOPB } as const;
const FLOW_CONTROL = { none: 0, hardware: CRTSCTS, software: 0 } as const;

/** How a serial port is set up. */
export interface SerialOptions {
  /** Bits per second: any whole number from 1 that the hardware can do, for example 9600, 115200 or 250000. */
  readonly baudRate: number;
  /** Defaults to 8. */
  readonly dataBits?: 5 | 6 | 7 | 8;
  /** Defaults to `'none'`. A byte with wrong parity is read as 0. */
  readonly parity?: 'none' | 'even' | 'odd' | 'mark' | 'space';
  /** Defaults to 1. */
  readonly stopBits?: 1 | 2;
  /**
   * `'hardware'` uses the lines RTS and CTS, `'software'` the characters XON (0x11) and XOFF (0x13), which data must not
   * contain then. Defaults to `'none'`.
   */
  readonly flowControl?: 'none' | 'hardware' | 'software';
  /** Whether other processes cannot open the port meanwhile, unless they are root (TIOCEXCL). Defaults to true. */
  readonly exclusive?: boolean;
}

const OPTIONS = ['baudRate', 'dataBits', 'parity', 'stopBits', 'flowControl', 'exclusive'] as const;

/** Checks options, and fills in the defaults. */
export function checkSerialOptions(options: SerialOptions): Required<SerialOptions> {
  const {
    baudRate,
    dataBits = 8,
    parity = 'none',
    stopBits = 1,
    flowControl = 'none',
    exclusive = true,
  } = checkOptions('options', options, OPTIONS);
  return {
    baudRate: checkBaudRate(baudRate),
    dataBits: checkOneOf('options.dataBits', dataBits, [5, 6, 7, 8]),
    parity: checkOneOf('options.parity', parity, ['none', 'even', 'odd', 'mark', 'space']),
    stopBits: checkOneOf('options.stopBits', stopBits, [1, 2]),
    flowControl: checkOneOf('options.flowControl', flowControl, ['none', 'hardware', 'software']),
    exclusive: checkBoolean('options.exclusive', exclusive),
  };
}

export function checkBaudRate(baudRate: number): number {
  return checkInteger('baudRate', baudRate, 1, MAX_BAUD_RATE);
}

/** Returns raw mode with these options. */
export function withOptions(settings: TermiosStruct, options: Required<SerialOptions>): TermiosStruct {
  const { dataBits, parity, stopBits, flowControl, baudRate } = options;
  const plain = raw(settings);
  const input = plain.c_iflag & ~(IXON | IXOFF | INPCK);
  const control = plain.c_cflag & ~(CSIZE | CSTOPB | PARENB | PARODD | CMSPAR | CRTSCTS);
  return withBaudRate(
    {
      ...plain,
      c_iflag: input | (flowControl === 'software' ? IXON | IXOFF : 0) | (parity === 'none' ? 0 : INPCK),
      c_cflag:
        (control |
          CREAD |
          CLOCAL |
          DATA_BITS[dataBits] |
          PARITY[parity] |
          STOP_BITS[stopBits] |
          FLOW_CONTROL[flowControl]) >>>
        0,
    },
    baudRate,
  );
}

export function withBaudRate(settings: TermiosStruct, baudRate: number): TermiosStruct {
  const c_cflag = ((settings.c_cflag & ~(CBAUD | CIBAUD)) | BOTHER) >>> 0;
  return { ...settings, c_cflag, c_ispeed: baudRate, c_ospeed: baudRate };
}

/** Returns which option the driver did not take over: drivers ignore what the hardware cannot do. */
export function ignoredOption(wanted: TermiosStruct, present: TermiosStruct): string | undefined {
  const differs = (mask: number): boolean => ((wanted.c_cflag ^ present.c_cflag) & mask) !== 0;
  if (Math.abs(present.c_ospeed - wanted.c_ospeed) > wanted.c_ospeed * TOLERANCE) {
    return `a baud rate of ${wanted.c_ospeed}, the nearest is ${present.c_ospeed}`;
  }
  if (differs(CSIZE)) {
    return 'this number of data bits';
  }
  if (differs(PARENB | PARODD | CMSPAR)) {
    return 'this parity';
  }
  if (differs(CSTOPB)) {
    return 'this number of stop bits';
  }
  return differs(CRTSCTS) ? 'hardware flow control' : undefined;
}
