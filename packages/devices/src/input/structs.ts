import { array, i32, i64, padding, text, u16, u32 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

/** `struct input_event` of linux/input.h. */
interface EventStruct {
  /** Seconds and microseconds. */
  readonly time: readonly bigint[];
  readonly type: number;
  readonly code: number;
  readonly value: number;
}

export const INPUT_EVENT: Struct<EventStruct> = new Struct<EventStruct>({
  time: array(i64, 2),
  type: u16,
  code: u16,
  value: i32,
});

interface IdStruct {
  readonly bustype: number;
  readonly vendor: number;
  readonly product: number;
  readonly version: number;
}

export const INPUT_ID: Struct<IdStruct> = new Struct<IdStruct>({
  bustype: u16,
  vendor: u16,
  product: u16,
  version: u16,
});

interface AbsoluteStruct {
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly fuzz: number;
  readonly flat: number;
  readonly resolution: number;
}

export const INPUT_ABSINFO: Struct<AbsoluteStruct> = new Struct<AbsoluteStruct>({
  value: i32,
  minimum: i32,
  maximum: i32,
  fuzz: i32,
  flat: i32,
  resolution: i32,
});

interface SetupStruct {
  readonly id: IdStruct;
  readonly name: string;
  readonly ff_effects_max: number;
}

/** linux/uinput.h. */
export const UINPUT_SETUP: Struct<SetupStruct> = new Struct<SetupStruct>({
  id: INPUT_ID,
  name: text(80),
  ff_effects_max: u32,
});

interface AbsoluteSetupStruct {
  readonly code: number;
  readonly absinfo: AbsoluteStruct;
}

export const UINPUT_ABS_SETUP: Struct<AbsoluteSetupStruct> = new Struct<AbsoluteSetupStruct>({
  code: u16,
  _filler: padding(2),
  absinfo: INPUT_ABSINFO,
});
