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
 * Options whose value holds an address in memory, by which the kernel reads from or writes to anywhere in the process.
 * From the headers in include/uapi/linux and include/net.
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

/** An option of which the kernel writes as many entries as the value says, whatever the length of the value is. */
interface Counted {
  readonly level: number;
  readonly option: number;
  readonly name: string;
  /** Where the count is, a `__u32`. */
  readonly countAt: number;
  /** How many entries a value of that many bytes has room for. */
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
  // Each entry takes the length of the value.
  { level: SOL_TCP, option: 41, name: 'TCP_AO_GET_KEYS', countAt: 272, capacity: () => 1 },
];

/**
 * Refuses an option by which the kernel would reach memory that is not the value's.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if its value holds an address.
 */
export function checkReach(direction: Direction, level: number, option: number): void {
  const refusal = WITH_ADDRESS[direction].find(([ofLevel, number]) => ofLevel === level && number === option);
  if (refusal !== undefined) {
    const [, , name] = refusal;
    const instead = name === 'SO_ATTACH_FILTER' ? '; call attachFilter() of AnySocket' : '';
    throw outOfRange('option', `one whose value holds no address in memory, as that of ${name} does${instead}`, option);
  }
}

/**
 * The value to give to the kernel: a copy if the value holds a count, so that nobody can change the count after the check.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if the count is greater than the value has room for.
 */
export function withCheckedCount(level: number, option: number, into: Uint8Array): Uint8Array {
  const counted = COUNTED.find((one) => one.level === level && one.option === option);
  if (counted === undefined) {
    return into;
  }
  const value = new Uint8Array(into);
  const count = new Uint32Array(1);
  // Of a value that ends within the count, the kernel takes the rest as zeros.
  const countBytes = value.subarray(counted.countAt, counted.countAt + Uint32Array.BYTES_PER_ELEMENT);
  new Uint8Array(count.buffer).set(countBytes);
  const room = Math.max(0, Math.floor(counted.capacity(value.byteLength)));
  if (Number(count[0]) > room) {
    throw outOfRange('into', `a value of ${counted.name} with a count of at most ${room}, which fit in it`, count[0]);
  }
  return value;
}
