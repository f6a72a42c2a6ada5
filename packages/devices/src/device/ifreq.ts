import { padding, text, u16 } from '../struct/fields.js';
import { Struct } from '../struct/struct.js';

/** `struct ifreq` of linux/if.h: the name of a network interface, and its flags. */
export interface InterfaceRequest {
  readonly ifr_name: string;
  readonly ifr_flags: number;
}

export const IFREQ: Struct<InterfaceRequest> = new Struct<InterfaceRequest>({
  ifr_name: text(16),
  ifr_flags: u16,
  _rest: padding(22),
});
