/**
 * The bytes that the kernel reads or writes for requests whose number does not say so, or says something else: from
 * before there was a size in the number, and some later ones.
 */
const BYTES: readonly (readonly [bytes: number, requests: readonly number[]])[] = [
  // TIOCSTI; KDGETLED, KDGKBTYPE, KDGKBLED; a string that ends with a zero: UI_SET_PHYS, PERF_EVENT_IOC_SET_FILTER
  [1, [0x5412, 0x4b31, 0x4b33, 0x4b64, 0x4008_556c, 0x4008_2406]],
  // TIOCLINUX: as many bytes as its first byte says
  [1, [0x541c]],
  // BLKSECTGET, BLKROTATIONAL; VT_GETHIFONTMASK
  [2, [0x1267, 0x127e, 0x560d]],
  // TIOCGPGRP, TIOCSPGRP, TIOCOUTQ, TIOCMGET, TIOCMBIS, TIOCMBIC, TIOCMSET, TIOCGSOFTCAR, TIOCSSOFTCAR, FIONREAD
  [4, [0x540f, 0x5410, 0x5411, 0x5415, 0x5416, 0x5417, 0x5418, 0x5419, 0x541a, 0x541b]],
  // TIOCPKT, FIONBIO, TIOCSETD, TIOCGETD, TIOCGSID, FIOASYNC, TIOCSERGETLSR; FIBMAP, FIGETBSZ
  [4, [0x5420, 0x5421, 0x5423, 0x5424, 0x5429, 0x5452, 0x5459, 0x0001, 0x0002]],
  // FIOSETOWN, SIOCSPGRP, FIOGETOWN, SIOCGPGRP, SIOCATMARK, SIOCOUTQNSD
  [4, [0x8901, 0x8902, 0x8903, 0x8904, 0x8905, 0x894b]],
  // BLKROSET, BLKROGET, BLKSSZGET, BLKIOMIN, BLKIOOPT, BLKALIGNOFF, BLKPBSZGET, BLKDISCARDZEROES
  [4, [0x125d, 0x125e, 0x1268, 0x1278, 0x1279, 0x127a, 0x127b, 0x127c]],
  // KDGETMODE, KDGKBMODE, KDGKBMETA; VT_OPENQRY; struct kbentry: KDGKBENT, KDSKBENT
  [4, [0x4b3b, 0x4b44, 0x4b62, 0x5600, 0x4b46, 0x4b47]],
  // VT_GETSTATE, VT_RESIZE; PIO_UNIMAPCLR
  [6, [0x5603, 0x5609, 0x4b68]],
  // struct winsize: TIOCGWINSZ, TIOCSWINSZ; FIOQSIZE; BLKGETSIZE, BLKRAGET, BLKFRAGET
  [8, [0x5413, 0x5414, 0x5460, 0x1260, 0x1263, 0x1265]],
  // VT_GETMODE, VT_SETMODE; struct kbkeycode: KDGETKEYCODE, KDSETKEYCODE; KDKBDREP
  [8, [0x5601, 0x5602, 0x4b4c, 0x4b4d, 0x4b52]],
  // VT_RESIZEX, VT_SETACTIVATE
  [12, [0x560a, 0x560f]],
  // SIOCGSTAMP, SIOCGSTAMPNS; BLKDISCARD, BLKSECDISCARD, BLKZEROOUT; HDIO_GETGEO; a name: SIOCBRADDBR, SIOCBRDELBR
  [16, [0x8906, 0x8907, 0x1277, 0x127d, 0x127f, 0x0301, 0x89a0, 0x89a1]],
  // struct termio: TCGETA, TCSETA, TCSETAW, TCSETAF
  [18, [0x5405, 0x5406, 0x5407, 0x5408]],
  // struct serial_rs485: TIOCGRS485, TIOCSRS485
  [32, [0x542e, 0x542f]],
  // struct termios of the kernel: TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGLCKTRMIOS, TIOCSLCKTRMIOS
  [36, [0x5401, 0x5402, 0x5403, 0x5404, 0x5456, 0x5457]],
  // struct ifreq: TUNSETIFF, TUNGETIFF and TUNSETQUEUE, which say 4
  [40, [0x4004_54ca, 0x8004_54d2, 0x4004_54d9]],
  // GIO_CMAP, PIO_CMAP
  [48, [0x4b70, 0x4b71]],
  // struct arpreq: SIOCDARP, SIOCGARP, SIOCSARP, and the same of RARP
  [68, [0x8953, 0x8954, 0x8955, 0x8960, 0x8961, 0x8962]],
  // struct serial_struct: TIOCGSERIAL, TIOCSSERIAL
  [72, [0x541e, 0x541f]],
  // TIOCGICOUNT
  [80, [0x545d]],
  // struct loop_info64: LOOP_SET_STATUS64, LOOP_GET_STATUS64
  [232, [0x4c04, 0x4c05]],
  // GIO_SCRNMAP, PIO_SCRNMAP
  [256, [0x4b40, 0x4b41]],
  // struct loop_config: LOOP_CONFIGURE
  [304, [0x4c0a]],
  // GIO_UNISCRNMAP, PIO_UNISCRNMAP
  [512, [0x4b69, 0x4b6a]],
  // struct kbsentry: KDGKBSENT, KDSKBSENT
  [513, [0x4b48, 0x4b49]],
  // struct kbdiacrs: KDGKBDIACR, KDSKBDIACR
  [772, [0x4b4a, 0x4b4b]],
  // struct kbdiacrsuc: KDGKBDIACRUC, KDSKBDIACRUC
  [3076, [0x4bfa, 0x4bfb]],
  // GIO_FONT, PIO_FONT
  [8192, [0x4b60, 0x4b61]],
];

export const SIZES: ReadonlyMap<number, number> = new Map(
  BYTES.flatMap(([bytes, requests]) => requests.map((request) => [request, bytes])),
);

/** SIOC… of interfaces, from SIOCGIFNAME to SIOCBRDELIF: all others of this range take a `struct ifreq`. */
const FIRST_IFREQ = 0x8910;
const LAST_IFREQ = 0x89a3;
const IFREQ_BYTES = 40;

/** The size in the number: asm-generic/ioctl.h. */
export const SIZE_SHIFT = 16;
export const MAX_SIZE = 0x3fff;

/** Returns how many bytes an argument needs at least. 0 if the request takes none, or if the size is not known. */
export function argumentSize(request: number): number {
  const size = SIZES.get(request);
  if (size !== undefined) {
    return size;
  }
  return request >= FIRST_IFREQ && request <= LAST_IFREQ ? IFREQ_BYTES : (request >>> SIZE_SHIFT) & MAX_SIZE;
}

/**
 * Requests that take an integer which may be larger than 65,535: KIOCSOUND, KDMKTONE, BLKRASET, BLKFRASET, LOOP_CTL_ADD,
 * LOOP_CTL_REMOVE, TUNSETOWNER, TUNSETGROUP.
 */
const LARGE_INTEGERS: ReadonlySet<number> = new Set([
  0x4b2f, 0x4b30, 0x1262, 0x1264, 0x4c80, 0x4c81, 0x4004_54cc, 0x4004_54ce,
]);

const MAX_WORD = 0xffff_ffff;
/**
 * No memory has an address up to this one. Linux maps none below `vm.mmap_min_addr`, which is 4,096 to 65,536, unless a
 * program asks for the very address; and executables start far above.
 */
const MAX_NO_ADDRESS = 0xffff;

/** Returns the largest integer that a request accepts. A larger one could be the address of memory of this process. */
export function largestInteger(request: number): number {
  return LARGE_INTEGERS.has(request) ? MAX_WORD : MAX_NO_ADDRESS;
}
