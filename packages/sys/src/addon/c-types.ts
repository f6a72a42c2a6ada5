import { endianness } from 'node:os';

/** The largest `int` of C. */
export const MAX_INT = 0x7fff_ffff;

/** Whether this machine stores the lowest byte of a number first. */
export const LITTLE_ENDIAN: boolean = endianness() === 'LE';
