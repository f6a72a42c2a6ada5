import { isUint8Array } from 'node:util/types';
import { checkBoolean, checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { checkOneOf } from '../device/checks.js';
import { bytes, padding, u8, u32 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

/** `struct can_frame` of linux/can.h. */
export interface CanFrameStruct {
  readonly can_id: number;
  readonly len: number;
  readonly data: Uint8Array;
}

export const CAN_FRAME: Struct<CanFrameStruct> = new Struct<CanFrameStruct>({
  can_id: u32,
  len: u8,
  _reserved: padding(3),
  data: bytes(8),
});

/** `struct canfd_frame` of linux/can.h. */
export interface CanFdFrameStruct extends CanFrameStruct {
  readonly flags: number;
}

export const CAN_FD_FRAME: Struct<CanFdFrameStruct> = new Struct<CanFdFrameStruct>({
  can_id: u32,
  len: u8,
  flags: u8,
  _reserved: padding(2),
  data: bytes(64),
});

// linux/can.h
const CAN_EFF_FLAG = 0x8000_0000;
const CAN_RTR_FLAG = 0x4000_0000;
const CAN_ERR_FLAG = 0x2000_0000;
export const MAX_STANDARD_ID = 0x7ff;
export const MAX_EXTENDED_ID = 0x1fff_ffff;
const CANFD_BRS = 0x01;
const CANFD_ESI = 0x02;

const MAX_DATA = 8;
/** The lengths that a frame of CAN FD can have beyond those of classic CAN. */
const FD_LENGTHS: readonly number[] = [12, 16, 20, 24, 32, 48, 64];

/** `'remote'` asks for data. `'error'` reports an error of the bus: its `id` has bits of linux/can/error.h. */
export type CanFrameKind = 'data' | 'remote' | 'error';

/** A frame that was received. */
export interface CanFrame {
  readonly kind: CanFrameKind;
  /** 0 to 0x7FF; if `extended`, to 0x1FFFFFFF. */
  readonly id: number;
  /** Whether the identifier has 29 bits, not 11. */
  readonly extended: boolean;
  /** Up to 8 bytes; up to 64 of CAN FD. A remote frame has as many zeros as it asks for bytes. */
  readonly data: Uint8Array;
  /** Whether it is a frame of CAN FD. */
  readonly fd: boolean;
  /** CAN FD: whether the data was sent at the higher speed. */
  readonly bitRateSwitch: boolean;
  /** CAN FD: whether the sender has seen many errors. */
  readonly errorPassive: boolean;
}

/** A frame to send. */
export interface NewCanFrame {
  /** 0 to 0x1FFFFFFF. */
  readonly id: number;
  /** Defaults to no bytes. Up to 8; with `fd`, also 12, 16, 20, 24, 32, 48 or 64. */
  readonly data?: Uint8Array;
  /** Defaults to `'data'`. */
  readonly kind?: 'data' | 'remote';
  /** Defaults to whether `id` needs more than 11 bits. */
  readonly extended?: boolean;
  /** Defaults to false. */
  readonly fd?: boolean;
  /** CAN FD: sends the data at the higher speed. Defaults to false. */
  readonly bitRateSwitch?: boolean;
}

const NAMES = ['id', 'data', 'kind', 'extended', 'fd', 'bitRateSwitch'] as const;
const NO_DATA = new Uint8Array(0);

/** @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong frame. */
export function encodeFrame(frame: NewCanFrame): Uint8Array {
  const {
    id,
    data = NO_DATA,
    kind = 'data',
    fd = false,
    bitRateSwitch = false,
    ...rest
  } = checkOptions('frame', frame, NAMES);
  checkInteger('frame.id', id, 0, MAX_EXTENDED_ID);
  const { extended = id > MAX_STANDARD_ID } = rest;
  if (!checkBoolean('frame.extended', extended) && id > MAX_STANDARD_ID) {
    throw outOfRange('frame.id', 'at most 0x7FF, unless the frame is extended', id);
  }
  checkOneOf('frame.kind', kind, ['data', 'remote']);
  if (checkBoolean('frame.bitRateSwitch', bitRateSwitch) && !checkBoolean('frame.fd', fd)) {
    throw outOfRange('frame.bitRateSwitch', 'false, unless the frame is one of CAN FD', bitRateSwitch);
  }
  if (fd && kind === 'remote') {
    throw outOfRange('frame.kind', "'data': CAN FD has no remote frames", kind);
  }
  const len = checkLength(data, checkBoolean('frame.fd', fd));
  const can_id = (id | (extended ? CAN_EFF_FLAG : 0) | (kind === 'remote' ? CAN_RTR_FLAG : 0)) >>> 0;
  return fd
    ? CAN_FD_FRAME.encode({ can_id, len, flags: bitRateSwitch ? CANFD_BRS : 0, data })
    : CAN_FRAME.encode({ can_id, len, data });
}

/** Reads the frame at the beginning of a buffer. Its length says which struct it is. */
export function decodeFrame(buffer: Uint8Array, length: number): CanFrame {
  const fd = length === CAN_FD_FRAME.size;
  const { can_id, len, data, flags } = fd ? CAN_FD_FRAME.decode(buffer) : { ...CAN_FRAME.decode(buffer), flags: 0 };
  const isSet = (flag: number): boolean => (can_id & flag) !== 0;
  return {
    kind: kindOf(isSet(CAN_ERR_FLAG), isSet(CAN_RTR_FLAG)),
    id: can_id & MAX_EXTENDED_ID,
    extended: isSet(CAN_EFF_FLAG),
    data: data.subarray(0, len),
    fd,
    bitRateSwitch: (flags & CANFD_BRS) !== 0,
    errorPassive: (flags & CANFD_ESI) !== 0,
  };
}

function kindOf(isError: boolean, isRemote: boolean): CanFrameKind {
  const other = isRemote ? 'remote' : 'data';
  return isError ? 'error' : other;
}

function checkLength(data: unknown, fd: boolean): number {
  if (!isUint8Array(data)) {
    throw invalidType('frame.data', 'a Uint8Array, for example a Buffer', data);
  }
  if (data.length > MAX_DATA && !(fd && FD_LENGTHS.includes(data.length))) {
    const expected = fd ? `at most ${MAX_DATA} bytes, or ${FD_LENGTHS.join(', ')}` : `at most ${MAX_DATA} bytes`;
    throw outOfRange('frame.data', expected, data.length);
  }
  return data.length;
}
