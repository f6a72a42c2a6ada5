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

/** An option whose value says how many entries follow, whatever its length is. */
interface Counted {
  readonly level: number;
  readonly option: number;
  readonly name: string;
  /** Where the count is, a `__u32`. */
  readonly countAt: number;
  readonly headerBytes: number;
  readonly entryBytes: number;
}

const MCAST_MSFILTER = { option: 48, name: 'MCAST_MSFILTER', countAt: 140, headerBytes: 144, entryBytes: 128 };
const COUNTED: readonly Counted[] = [
  { level: SOL_IP, option: 41, name: 'IP_MSFILTER', countAt: 12, headerBytes: 16, entryBytes: 4 },
  { level: SOL_IP, ...MCAST_MSFILTER },
  { level: SOL_IPV6, ...MCAST_MSFILTER },
];

/**
 * Refuses an option by which the kernel would reach memory that is not the value's.
 *
 * @throws RangeError `ERR_OUT_OF_RANGE` if it is such a one.
 */
export function checkReach(direction: Direction, level: number, option: number, value: Uint8Array): void {
  const refusal = WITH_ADDRESS[direction].find(([ofLevel, number]) => ofLevel === level && number === option);
  if (refusal !== undefined) {
    const [, , name] = refusal;
    const instead = name === 'SO_ATTACH_FILTER' ? '; call attachFilter() of AnySocket' : '';
    throw outOfRange('option', `one whose value holds no address in memory, as that of ${name} does${instead}`, option);
  }
  const counted = COUNTED.find((one) => one.level === level && one.option === option);
  if (direction === 'get' && counted !== undefined && value.byteLength >= counted.headerBytes) {
    const { countAt, headerBytes, entryBytes, name } = counted;
    const words = new Uint32Array(value.slice(countAt, countAt + Uint32Array.BYTES_PER_ELEMENT).buffer);
    const needed = headerBytes + (words[0] ?? 0) * entryBytes;
    if (value.byteLength < needed) {
      throw outOfRange('into', `at least ${needed} bytes long, as the count in ${name} says`, value.byteLength);
    }
  }
}
