import { checkInteger, outOfRange } from '@em/core/check';
import { argumentSize } from './argument-sizes.js';

// linux/i2c-dev.h, linux/i2c.h
const I2C_RDWR = 0x0707;
const I2C_SMBUS = 0x0720;
const STRUCT_BYTES = 16;
const COUNT_AT = 8;
const MESSAGE_BYTES = 16;

/** linux/spi/spidev.h: `struct spi_ioc_transfer` begins with two addresses. The size in the number is that of all. */
const SPI_IOC_MESSAGE = 0x4000_6b00;
const WITHOUT_SIZE = 0xc000_ffff;
const TRANSFER_BYTES = 32;

/** linux/sockios.h: `ifr_data` in the union of struct ifreq. */
const SIOCETHTOOL = 0x8946;
const DATA_AT = 16;

/** The struct that a request takes. */
export interface StructWithAddresses {
  readonly bytes: number;
  /**
   * Returns where the addresses are, in ascending order, without those of address 0.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if an address is not the offset of bytes behind the struct.
   */
  readonly addressesIn: (argument: Uint8Array) => readonly number[];
}

/**
 * Returns the struct of a request whose addresses can be known: where all of them are, and that the driver does not use
 * them after the request. `undefined` for others.
 */
export function structWithAddresses(request: number): StructWithAddresses | undefined {
  if (request === I2C_RDWR) {
    return { bytes: STRUCT_BYTES, addressesIn: addressesOfMessages };
  }
  if (request === I2C_SMBUS) {
    return fixed(STRUCT_BYTES, [8]);
  }
  if (request === SIOCETHTOOL) {
    return fixed(argumentSize(request), [DATA_AT]);
  }
  const bytes = argumentSize(request);
  if ((request & WITHOUT_SIZE) >>> 0 === SPI_IOC_MESSAGE && bytes > 0 && bytes % TRANSFER_BYTES === 0) {
    return fixed(
      bytes,
      Array.from(
        { length: (2 * bytes) / TRANSFER_BYTES },
        (_, index) => (index >> 1) * TRANSFER_BYTES + (index & 1) * 8,
      ),
    );
  }
  return undefined;
}

function fixed(bytes: number, all: readonly number[]): StructWithAddresses {
  return { bytes, addressesIn: (argument) => all.filter((at) => offsetAt(argument, at, bytes) !== 0) };
}

/** `struct i2c_rdwr_ioctl_data` has the address of messages, and each `struct i2c_msg` that of its bytes. */
function addressesOfMessages(argument: Uint8Array): readonly number[] {
  const first = offsetAt(argument, 0, STRUCT_BYTES);
  if (first === 0) {
    return [];
  }
  const count = viewOf(argument).getUint32(COUNT_AT, true);
  const room = Math.floor((argument.length - first) / MESSAGE_BYTES);
  if (count > room) {
    throw outOfRange('the number of messages at byte 8 of the argument', `0 to ${room}, which fit behind it`, count);
  }
  const addresses = Array.from({ length: count }, (_, index) => first + index * MESSAGE_BYTES + 8);
  return [0, ...addresses.filter((at) => offsetAt(argument, at, STRUCT_BYTES) !== 0)];
}

/** Reads an address: 0, or the offset of bytes behind the struct. */
function offsetAt(argument: Uint8Array, at: number, structBytes: number): number {
  const offset = Number(viewOf(argument).getBigUint64(at, true));
  const name = `the address at byte ${at} of the argument`;
  return offset === 0 ? 0 : checkInteger(name, offset, structBytes, argument.length - 1);
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
