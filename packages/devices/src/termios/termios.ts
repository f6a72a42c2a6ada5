import { Ioctl } from '@em/sys';
import { bytes, u8, u32 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

/** The number of control characters, `NCCS` of asm-generic/termbits.h. */
const CONTROL_CHARACTERS = 19;

/** `struct termios2` of the kernel: the settings of a terminal. That of libc is longer. */
export interface TermiosStruct {
  readonly c_iflag: number;
  readonly c_oflag: number;
  readonly c_cflag: number;
  readonly c_lflag: number;
  readonly c_line: number;
  readonly c_cc: Uint8Array;
  readonly c_ispeed: number;
  readonly c_ospeed: number;
}

export const TERMIOS: Struct<TermiosStruct> = new Struct<TermiosStruct>({
  c_iflag: u32,
  c_oflag: u32,
  c_cflag: u32,
  c_lflag: u32,
  c_line: u8,
  c_cc: bytes(CONTROL_CHARACTERS),
  c_ispeed: u32,
  c_ospeed: u32,
});

export const TCGETS2: number = Ioctl.read('T', 0x2a, TERMIOS.size);
/** At once. */
export const TCSETS2: number = Ioctl.write('T', 0x2b, TERMIOS.size);

// asm-generic/termbits.h and termbits-common.h
const IGNBRK = 0o000001;
const BRKINT = 0o000002;
const PARMRK = 0o000010;
const ISTRIP = 0o000040;
const INLCR = 0o000100;
const IGNCR = 0o000200;
const ICRNL = 0o000400;
const IXON = 0o002000;
const OPOST = 0o000001;
const ISIG = 0o000001;
const ICANON = 0o000002;
const ECHO = 0o000010;
const ECHONL = 0o000100;
const IEXTEN = 0o100000;
const CSIZE = 0o000060;
const CS8 = 0o000060;
const PARENB = 0o000400;
const VTIME = 5;
const VMIN = 6;

/** Returns the settings for raw mode: bytes pass as they are, at once. As cfmakeraw(3) does. */
export function raw(settings: TermiosStruct): TermiosStruct {
  const c_cc = settings.c_cc.slice();
  c_cc[VMIN] = 1;
  c_cc[VTIME] = 0;
  return {
    ...settings,
    c_iflag: settings.c_iflag & ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON),
    c_oflag: settings.c_oflag & ~OPOST,
    c_lflag: settings.c_lflag & ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN),
    c_cflag: (settings.c_cflag & ~(CSIZE | PARENB)) | CS8,
    c_cc,
  };
}
