/**
 * The types of events: `EV_` in linux/input-event-codes.h. That header also has the codes of each type, for example
 * `KEY_A`, which is 30.
 *
 * @see {@link https://docs.kernel.org/input/event-codes.html | Input event codes}
 */
export const InputEventType = {
  SYN: 0x00,
  KEY: 0x01,
  REL: 0x02,
  ABS: 0x03,
  MSC: 0x04,
  SW: 0x05,
  LED: 0x11,
  SND: 0x12,
  REP: 0x14,
  FF: 0x15,
} as const;

/** Codes of {@link InputEventType}.SYN. */
export const SYN_REPORT = 0;
export const SYN_DROPPED = 3;
