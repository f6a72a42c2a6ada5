import { outOfRange } from '@em/core/check';

/** Levels of `<linux/socket.h>` and protocols of `<linux/in.h>`. */
const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const SOL_IPV6 = 41;
const SOL_SCTP = 132;
const SOL_PACKET = 263;
const SOL_RDS = 276;
const SOL_XDP = 283;
const SOL_MPTCP = 284;

type Direction = 'get' | 'set';
type Refusal = readonly [level: number, option: number, name: string];

/**
 * Options whose value holds a memory address. With it, the kernel would read or write anywhere in the process.
 * Collected from the headers in include/uapi/linux and include/net.
 */
const WITH_ADDRESS: Readonly<Record<Direction, readonly Refusal[]>> = {
  get: [
    [SOL_TCP, 35, 'TCP_ZEROCOPY_RECEIVE'],
    [SOL_SCTP, 111, 'SCTP_SOCKOPT_CONNECTX3'],
    [SOL_MPTCP, 4, 'MPTCP_FULL_INFO'],
    [SOL_IP, 128, 'EBT_SO_GET_INFO'],
    [SOL_IP, 129, 'EBT_SO_GET_ENTRIES'],
    [SOL_IP, 130, 'EBT_SO_GET_INIT_INFO'],
    [SOL_IP, 131, 'EBT_SO_GET_INIT_ENTRIES'],
  ],
  set: [
    [SOL_SOCKET, 26, 'SO_ATTACH_FILTER'],
    [SOL_SOCKET, 51, 'SO_ATTACH_REUSEPORT_CBPF'],
    [SOL_PACKET, 22, 'PACKET_FANOUT_DATA'],
    [SOL_RDS, 2, 'RDS_GET_MR'],
    [SOL_RDS, 7, 'RDS_GET_MR_FOR_DEST'],
    [SOL_XDP, 4, 'XDP_UMEM_REG'],
    [SOL_IP, 64, 'IPT_SO_SET_REPLACE'],
    [SOL_IP, 96, 'ARPT_SO_SET_REPLACE'],
    [SOL_IP, 128, 'EBT_SO_SET_ENTRIES'],
    [SOL_IP, 129, 'EBT_SO_SET_COUNTERS'],
    [SOL_IPV6, 64, 'IP6T_SO_SET_REPLACE'],
  ],
};

/** An option whose value says how many entries the kernel writes. The kernel does not compare that with the length. */
interface Counted {
  readonly level: number;
  readonly option: number;
  readonly name: string;
  /** The offset of the count, a `__u32`. */
  readonly countAt: number;
  /** How many entries fit in a value of this length. */
  readonly capacity: (bytes: number) => number;
}

const MCAST_MSFILTER = {
  option: 48,
  name: 'MCAST_MSFILTER',
  countAt: 140,
  capacity: (bytes: number) => (bytes - 144) / 128,
};
const COUNTED: readonly Counted[] = [
  { level: SOL_IP, option: 41, name: 'IP_MSFILTER', countAt: 12, capacity: (bytes) => (bytes - 16) / 4 },
  { level: SOL_IP, ...MCAST_MSFILTER },
  { level: SOL_IPV6, ...MCAST_MSFILTER },
  // Each entry is as long as the value.
  { level: SOL_TCP, option: 41, name: 'TCP_AO_GET_KEYS', countAt: 272, capacity: () => 1 },
];

/**
 * Refuses an option that lets the kernel access memory outside of its value.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if the value of the option holds a memory address.
 */
export function checkReach(direction: Direction, level: number, option: number): void {
  const refusal = WITH_ADDRESS[direction].find(([ofLevel, number]) => ofLevel === level && number === option);
  if (refusal !== undefined) {
    const [, , name] = refusal;
    const instead = name === 'SO_ATTACH_FILTER' ? '; use AnySocket.attachFilter()' : '';
    throw outOfRange(
      'option',
      `one whose value holds no memory address; the value of ${name} holds one${instead}`,
      option,
    );
  }
}

/**
 * Returns the value to pass to the kernel. If the value holds a count, that is a copy, so that no other thread can
 * change the count after the check.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if the count exceeds the number of entries that fit in the value.
 */
export function withCheckedCount(level: number, option: number, into: Uint8Array): Uint8Array {
  const counted = COUNTED.find((one) => one.level === level && one.option === option);
  if (counted === undefined) {
    return into;
  }
  const value = new Uint8Array(into);
  const count = new Uint32Array(1);
  // If the value ends within the count, the kernel reads zeros for the rest.
  const countBytes = value.subarray(counted.countAt, counted.countAt + Uint32Array.BYTES_PER_ELEMENT);
  new Uint8Array(count.buffer).set(countBytes);
  const room = Math.max(0, Math.floor(counted.capacity(value.byteLength)));
  if (Number(count[0]) > room) {
    throw outOfRange(
      'into',
      `a value of ${counted.name} with a count of at most ${room}, the number of entries that fit`,
      count[0],
    );
  }
  return value;
}
