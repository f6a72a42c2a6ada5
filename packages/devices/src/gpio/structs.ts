import { array, i32, padding, text, u32, u64 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

// linux/gpio.h

export const MAX_LINES = 64;
const MAX_ATTRIBUTES = 10;
/** With the zero at the end. */
const NAME_BYTES = 32;
export const MAX_NAME_BYTES: number = NAME_BYTES - 1;

/** `struct gpiochip_info`. */
interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lines: number;
}

export const CHIP_INFO: Struct<ChipInfo> = new Struct<ChipInfo>({
  name: text(NAME_BYTES),
  label: text(NAME_BYTES),
  lines: u32,
});

/** `struct gpio_v2_line_attribute`. The kind says what the value is, so that of 4 bytes is read with the zeros behind it. */
interface LineAttribute {
  readonly id: number;
  readonly values: bigint;
}

export const LINE_ATTRIBUTE: Struct<LineAttribute> = new Struct<LineAttribute>({
  id: u32,
  _padding: padding(4),
  values: u64,
});

/** `struct gpio_v2_line_config_attribute`. Bit n of the mask stands for line n of the request. */
interface LineConfigAttribute {
  readonly attr: LineAttribute;
  readonly mask: bigint;
}

export const LINE_CONFIG_ATTRIBUTE: Struct<LineConfigAttribute> = new Struct<LineConfigAttribute>({
  attr: LINE_ATTRIBUTE,
  mask: u64,
});

/** `struct gpio_v2_line_config`. */
interface LineConfig {
  readonly flags: bigint;
  readonly num_attrs: number;
  readonly attrs: readonly LineConfigAttribute[];
}

export const LINE_CONFIG: Struct<LineConfig> = new Struct<LineConfig>({
  flags: u64,
  num_attrs: u32,
  _padding: padding(20),
  attrs: array(LINE_CONFIG_ATTRIBUTE, MAX_ATTRIBUTES),
});

/** `struct gpio_v2_line_request`. */
interface LineRequest {
  readonly offsets: readonly number[];
  readonly consumer: string;
  readonly config: LineConfig;
  readonly num_lines: number;
  readonly event_buffer_size: number;
  readonly fd: number;
}

export const LINE_REQUEST: Struct<LineRequest> = new Struct<LineRequest>({
  offsets: array(u32, MAX_LINES),
  consumer: text(NAME_BYTES),
  config: LINE_CONFIG,
  num_lines: u32,
  event_buffer_size: u32,
  _padding: padding(20),
  fd: i32,
});

/** `struct gpio_v2_line_info`. */
export interface LineInfo {
  readonly name: string;
  readonly consumer: string;
  readonly offset: number;
  readonly num_attrs: number;
  readonly flags: bigint;
  readonly attrs: readonly LineAttribute[];
}

export const LINE_INFO: Struct<LineInfo> = new Struct<LineInfo>({
  name: text(NAME_BYTES),
  consumer: text(NAME_BYTES),
  offset: u32,
  num_attrs: u32,
  flags: u64,
  attrs: array(LINE_ATTRIBUTE, MAX_ATTRIBUTES),
  _padding: padding(16),
});

/** `struct gpio_v2_line_values`. */
interface LineValues {
  readonly bits: bigint;
  readonly mask: bigint;
}

export const LINE_VALUES: Struct<LineValues> = new Struct<LineValues>({ bits: u64, mask: u64 });

/** `struct gpio_v2_line_event`. */
interface LineEvent {
  readonly timestamp_ns: bigint;
  readonly id: number;
  readonly offset: number;
  readonly seqno: number;
  readonly line_seqno: number;
}

export const LINE_EVENT: Struct<LineEvent> = new Struct<LineEvent>({
  timestamp_ns: u64,
  id: u32,
  offset: u32,
  seqno: u32,
  line_seqno: u32,
  _padding: padding(24),
});

/** GPIO_V2_LINE_ATTR_ID_… */
export const ATTRIBUTE = { values: 2, debounce: 3 } as const;
/** GPIO_V2_LINE_EVENT_RISING_EDGE. */
export const RISING_EDGE = 1;
