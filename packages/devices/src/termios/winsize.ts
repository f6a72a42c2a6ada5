import { u16 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

/** `struct winsize`: the size of a terminal in characters, and in pixels, which nothing uses. */
export interface WinsizeStruct {
  readonly ws_row: number;
  readonly ws_col: number;
  readonly ws_xpixel: number;
  readonly ws_ypixel: number;
}

export const WINSIZE: Struct<WinsizeStruct> = new Struct<WinsizeStruct>({
  ws_row: u16,
  ws_col: u16,
  ws_xpixel: u16,
  ws_ypixel: u16,
});

/** asm-generic/ioctls.h. */
export const TIOCGWINSZ = 0x5413;
export const TIOCSWINSZ = 0x5414;
