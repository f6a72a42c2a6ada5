// Reads every socket option of many kinds of sockets into buffers with canaries around them. argv: the addon. Prints
// each write beyond a buffer; a corrupted heap ends the process.

const native = require(process.argv[2]);
const { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_CAN, AF_VSOCK } = native.socketConstants;
const { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET } = native.socketConstants;
const [SCTP, MPTCP, ICMP] = [132, 262, 1];
const KINDS = [
  [AF_INET, SOCK_STREAM, 0],
  [AF_INET, SOCK_DGRAM, 0],
  [AF_INET, SOCK_RAW, ICMP],
  [AF_INET, SOCK_STREAM, MPTCP],
  [AF_INET, SOCK_STREAM, SCTP],
  [AF_INET6, SOCK_STREAM, 0],
  [AF_INET6, SOCK_DGRAM, 0],
  [AF_UNIX, SOCK_STREAM, 0],
  [AF_UNIX, SOCK_DGRAM, 0],
  [AF_UNIX, SOCK_SEQPACKET, 0],
  [AF_NETLINK, SOCK_RAW, 0],
  [AF_PACKET, SOCK_RAW, 0],
  [AF_CAN, SOCK_RAW, 1],
  [AF_VSOCK, SOCK_STREAM, 0],
];
const LEVELS = [0, 1, 6, 17, 41, 58, 100, 101, 132, 136, 255, 263, 270, 271, 275, 276, 280, 281, 282, 283, 284, 286];
const OPTIONS = 136;
const SIZES = [0, 1, 4, 16, 144, 300];
const CONTENTS = [0x00, 0x01, 0xff];
/** Options that TypeScript refuses: the kernel writes to an address in the value, or as much as the value says. */
const REFUSED = new Set(['6 35', '132 111', '284 4', '0 128', '0 129', '0 130', '0 131', '0 41', '0 48', '41 48']);
const MARGIN = 512;
const CANARY = 0xa5;
const ACCEPT_ALL = [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

const memory = Buffer.alloc(2 * MARGIN + Math.max(...SIZES));
const intact = Buffer.alloc(memory.length, CANARY);
let calls = 0;
let taken = 0;
for (const [family, type, protocol] of KINDS) {
  const fd = native.socket(family, type, protocol);
  if (fd < 0) {
    continue;
  }
  // 64 instructions, which are 512 bytes.
  native.attachFilter(fd, Uint8Array.from(Array(64).fill(ACCEPT_ALL).flat()));
  for (const level of LEVELS) {
    for (let option = 0; option < OPTIONS; option++) {
      if (REFUSED.has(`${level} ${option}`)) {
        continue;
      }
      for (const size of SIZES) {
        for (const content of CONTENTS) {
          memory.fill(CANARY);
          const value = memory.subarray(MARGIN, MARGIN + size).fill(content);
          const result = native.getsockopt(fd, level, option, value);
          calls++;
          taken += result >= 0 ? 1 : 0;
          if (result > size || !isIntact(0, MARGIN)) {
            throw new Error(`getsockopt(${level}, ${option}) of ${size} bytes has written before, or said ${result}`);
          }
          if (!isIntact(MARGIN + size, memory.length)) {
            throw new Error(`getsockopt(${level}, ${option}) of ${size} bytes has written beyond`);
          }
        }
      }
    }
  }
  native.close(fd);
}
console.log(JSON.stringify({ calls, taken }));

function isIntact(start, end) {
  return memory.compare(intact, start, end, start, end) === 0;
}
