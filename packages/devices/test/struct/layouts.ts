import { CAN_FD_FRAME, CAN_FRAME } from '../../src/can/frame.js';
import { IFREQ } from '../../src/device/ifreq.js';
import {
  CHIP_INFO,
  LINE_ATTRIBUTE,
  LINE_CONFIG,
  LINE_CONFIG_ATTRIBUTE,
  LINE_EVENT,
  LINE_INFO,
  LINE_REQUEST,
  LINE_VALUES,
} from '../../src/gpio/structs.js';
import { INPUT_ABSINFO, INPUT_EVENT, INPUT_ID, UINPUT_ABS_SETUP, UINPUT_SETUP } from '../../src/input/structs.js';
import type { Struct } from '../../src/struct/struct.js';
import { TERMIOS } from '../../src/termios/termios.js';
import { WINSIZE } from '../../src/termios/winsize.js';

/** A struct, and where C has it. */
export interface Layout {
  /** A header of the kernel. */
  readonly header: string;
  /** The type in C. */
  readonly type: string;
  readonly struct: Pick<Struct<object>, 'size' | 'offsets'>;
}

/** Every struct of this package. */
export const LAYOUTS: readonly Layout[] = [
  { header: 'asm/termbits.h', type: 'struct termios2', struct: TERMIOS },
  { header: 'asm/termios.h', type: 'struct winsize', struct: WINSIZE },
  { header: 'linux/if.h', type: 'struct ifreq', struct: IFREQ },
  { header: 'linux/gpio.h', type: 'struct gpiochip_info', struct: CHIP_INFO },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_attribute', struct: LINE_ATTRIBUTE },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_config', struct: LINE_CONFIG },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_config_attribute', struct: LINE_CONFIG_ATTRIBUTE },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_event', struct: LINE_EVENT },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_info', struct: LINE_INFO },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_request', struct: LINE_REQUEST },
  { header: 'linux/gpio.h', type: 'struct gpio_v2_line_values', struct: LINE_VALUES },
  { header: 'linux/can.h', type: 'struct can_frame', struct: CAN_FRAME },
  { header: 'linux/can.h', type: 'struct canfd_frame', struct: CAN_FD_FRAME },
  { header: 'linux/input.h', type: 'struct input_event', struct: INPUT_EVENT },
  { header: 'linux/input.h', type: 'struct input_id', struct: INPUT_ID },
  { header: 'linux/input.h', type: 'struct input_absinfo', struct: INPUT_ABSINFO },
  { header: 'linux/uinput.h', type: 'struct uinput_setup', struct: UINPUT_SETUP },
  { header: 'linux/uinput.h', type: 'struct uinput_abs_setup', struct: UINPUT_ABS_SETUP },
];
