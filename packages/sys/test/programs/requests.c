// Says what the headers of the kernel say of each request: its number, and the size of its argument, or 0 if the argument
// can hold an address. The compiler writes them to its output, as comments in assembly, for any machine: `cc -S`.

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/android/binder.h>
#include <linux/atmdev.h>
#include <linux/blkpg.h>
#include <linux/btrfs.h>
#include <linux/cciss_ioctl.h>
#include <linux/cdrom.h>
#include <linux/dvb/frontend.h>
#include <linux/fb.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <linux/hdreg.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/ipmi.h>
#include <linux/kd.h>
#include <linux/kvm.h>
#include <linux/loop.h>
#include <linux/media.h>
#include <linux/nvme_ioctl.h>
#include <linux/perf_event.h>
#include <linux/ppp-ioctl.h>
#include <linux/psp-sev.h>
#include <linux/serial.h>
#include <linux/sockios.h>
#include <linux/spi/spidev.h>
#include <linux/sync_file.h>
#include <linux/tee.h>
#include <linux/uinput.h>
#include <linux/usbdevice_fs.h>
#include <linux/uvcvideo.h>
#include <linux/v4l2-subdev.h>
#include <linux/vfio.h>
#include <linux/vhost.h>
#include <linux/videodev2.h>
#include <linux/vt.h>
#include <mtd/mtd-abi.h>
#include <scsi/sg.h>
#include <sound/asound.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define SIZE(request, type) __asm__("\n# request " #request " %0 %1" : : "i"((long)(request)), "i"(sizeof(type)));
#define MEMBER(type, member) \
  __asm__("\n# member " #type "." #member " %0 %1" : : "i"(offsetof(struct type, member)), "i"(sizeof(struct type)));
#define ADDRESS(request) __asm__("\n# request " #request " %0 0" : : "i"((long)(request)));

/** Where the addresses of a request are, and how long its struct is. */
void addresses(void) {
  MEMBER(i2c_rdwr_ioctl_data, msgs)
  MEMBER(i2c_rdwr_ioctl_data, nmsgs)
  MEMBER(i2c_msg, buf)
  MEMBER(i2c_smbus_ioctl_data, data)
  MEMBER(spi_ioc_transfer, tx_buf)
  MEMBER(spi_ioc_transfer, rx_buf)
  MEMBER(ifreq, ifr_data)
}

void requests(void) {
  SIZE(TIOCSTI, char)
  SIZE(KDGETLED, char)
  SIZE(KDGKBTYPE, char)
  SIZE(KDGKBLED, char)
  SIZE(TIOCLINUX, char)
  SIZE(UI_SET_PHYS, char)
  SIZE(PERF_EVENT_IOC_SET_FILTER, char)
  SIZE(BLKSECTGET, unsigned short)
  SIZE(BLKROTATIONAL, unsigned short)
  SIZE(VT_GETHIFONTMASK, unsigned short)
  SIZE(TIOCGPGRP, int)
  SIZE(TIOCSPGRP, int)
  SIZE(TIOCOUTQ, int)
  SIZE(TIOCMGET, int)
  SIZE(TIOCMBIS, int)
  SIZE(TIOCMBIC, int)
  SIZE(TIOCMSET, int)
  SIZE(TIOCGSOFTCAR, int)
  SIZE(TIOCSSOFTCAR, int)
  SIZE(FIONREAD, int)
  SIZE(TIOCPKT, int)
  SIZE(FIONBIO, int)
  SIZE(TIOCSETD, int)
  SIZE(TIOCGETD, int)
  SIZE(TIOCGSID, int)
  SIZE(FIOASYNC, int)
  SIZE(TIOCSERGETLSR, int)
  SIZE(FIBMAP, int)
  SIZE(FIGETBSZ, int)
  SIZE(FIOSETOWN, int)
  SIZE(SIOCSPGRP, int)
  SIZE(FIOGETOWN, int)
  SIZE(SIOCGPGRP, int)
  SIZE(SIOCATMARK, int)
  SIZE(SIOCOUTQNSD, int)
  SIZE(BLKROSET, int)
  SIZE(BLKROGET, int)
  SIZE(BLKSSZGET, int)
  SIZE(BLKIOMIN, int)
  SIZE(BLKIOOPT, int)
  SIZE(BLKALIGNOFF, int)
  SIZE(BLKPBSZGET, int)
  SIZE(BLKDISCARDZEROES, int)
  SIZE(KDGETMODE, int)
  SIZE(KDGKBMODE, int)
  SIZE(KDGKBMETA, int)
  SIZE(VT_OPENQRY, int)
  SIZE(KDGKBENT, struct kbentry)
  SIZE(KDSKBENT, struct kbentry)
  SIZE(VT_GETSTATE, struct vt_stat)
  SIZE(VT_RESIZE, struct vt_sizes)
  SIZE(PIO_UNIMAPCLR, struct unimapinit)
  SIZE(TIOCGWINSZ, struct winsize)
  SIZE(TIOCSWINSZ, struct winsize)
  SIZE(FIOQSIZE, long)
  SIZE(BLKGETSIZE, long)
  SIZE(BLKRAGET, long)
  SIZE(BLKFRAGET, long)
  SIZE(VT_GETMODE, struct vt_mode)
  SIZE(VT_SETMODE, struct vt_mode)
  SIZE(KDGETKEYCODE, struct kbkeycode)
  SIZE(KDSETKEYCODE, struct kbkeycode)
  SIZE(KDKBDREP, struct kbd_repeat)
  SIZE(VT_RESIZEX, struct vt_consize)
  SIZE(VT_SETACTIVATE, struct vt_setactivate)
  SIZE(SIOCGSTAMP, struct timespec)
  SIZE(SIOCGSTAMPNS, struct timespec)
  SIZE(BLKDISCARD, __u64[2])
  SIZE(BLKSECDISCARD, __u64[2])
  SIZE(BLKZEROOUT, __u64[2])
  SIZE(HDIO_GETGEO, struct hd_geometry)
  SIZE(SIOCBRADDBR, char[IFNAMSIZ])
  SIZE(SIOCBRDELBR, char[IFNAMSIZ])
  SIZE(TCGETA, struct termio)
  SIZE(TCSETA, struct termio)
  SIZE(TCSETAW, struct termio)
  SIZE(TCSETAF, struct termio)
  SIZE(TIOCGRS485, struct serial_rs485)
  SIZE(TIOCSRS485, struct serial_rs485)
  SIZE(TCGETS, struct termios)
  SIZE(TCSETS, struct termios)
  SIZE(TCSETSW, struct termios)
  SIZE(TCSETSF, struct termios)
  SIZE(TIOCGLCKTRMIOS, struct termios)
  SIZE(TIOCSLCKTRMIOS, struct termios)
  SIZE(TUNSETIFF, struct ifreq)
  SIZE(TUNGETIFF, struct ifreq)
  SIZE(TUNSETQUEUE, struct ifreq)
  SIZE(SIOCGIFNAME, struct ifreq)
  SIZE(SIOCSIFFLAGS, struct ifreq)
  SIZE(SIOCGIFINDEX, struct ifreq)
  SIZE(SIOCGIFTXQLEN, struct ifreq)
  SIZE(SIOCGIFMAP, struct ifreq)
  SIZE(SIOCBONDENSLAVE, struct ifreq)
  SIZE(SIOCBRADDIF, struct ifreq)
  SIZE(SIOCBRDELIF, struct ifreq)
  SIZE(GIO_CMAP, char[3 * 16])
  SIZE(PIO_CMAP, char[3 * 16])
  SIZE(SIOCDARP, struct arpreq)
  SIZE(SIOCGARP, struct arpreq)
  SIZE(SIOCSARP, struct arpreq)
  SIZE(SIOCDRARP, struct arpreq)
  SIZE(SIOCGRARP, struct arpreq)
  SIZE(SIOCSRARP, struct arpreq)
  SIZE(TIOCGSERIAL, struct serial_struct)
  SIZE(TIOCSSERIAL, struct serial_struct)
  SIZE(TIOCGICOUNT, struct serial_icounter_struct)
  SIZE(LOOP_SET_STATUS64, struct loop_info64)
  SIZE(LOOP_GET_STATUS64, struct loop_info64)
  SIZE(LOOP_CONFIGURE, struct loop_config)
  SIZE(GIO_SCRNMAP, scrnmap_t[E_TABSZ])
  SIZE(PIO_SCRNMAP, scrnmap_t[E_TABSZ])
  SIZE(GIO_UNISCRNMAP, unsigned short[E_TABSZ])
  SIZE(PIO_UNISCRNMAP, unsigned short[E_TABSZ])
  SIZE(KDGKBSENT, struct kbsentry)
  SIZE(KDSKBSENT, struct kbsentry)
  SIZE(KDGKBDIACR, struct kbdiacrs)
  SIZE(KDSKBDIACR, struct kbdiacrs)
  SIZE(KDGKBDIACRUC, struct kbdiacrsuc)
  SIZE(KDSKBDIACRUC, struct kbdiacrsuc)
  SIZE(GIO_FONT, char[32 * 256])
  SIZE(PIO_FONT, char[32 * 256])
  SIZE(TCGETS2, struct termios2)
  SIZE(TCSETS2, struct termios2)
  SIZE(TIOCGISO7816, struct serial_iso7816)
  ADDRESS(I2C_RDWR)
  ADDRESS(I2C_SMBUS)
  ADDRESS(BLKPG)
  ADDRESS(SG_IO)
  ADDRESS(VFIO_IOMMU_MAP_DMA)
  ADDRESS(FBIOGETCMAP)
  ADDRESS(FBIOPUTCMAP)
  ADDRESS(GIO_UNIMAP)
  ADDRESS(PIO_UNIMAP)
  ADDRESS(GIO_FONTX)
  ADDRESS(PIO_FONTX)
  ADDRESS(KDFONTOP)
  ADDRESS(CDROMREADAUDIO)
  ADDRESS(CDROM_SEND_PACKET)
  ADDRESS(SIOCADDRT)
  ADDRESS(SIOCDELRT)
  ADDRESS(SIOCGIFCONF)
  ADDRESS(SIOCGIFBR)
  ADDRESS(SIOCSIFBR)
  ADDRESS(SIOCETHTOOL)
  ADDRESS(SIOCWANDEV)
  ADDRESS(SIOCBONDSLAVEINFOQUERY)
  ADDRESS(SIOCBONDINFOQUERY)
  ADDRESS(SIOCSHWTSTAMP)
  ADDRESS(SIOCGHWTSTAMP)
  ADDRESS(USBDEVFS_REAPURB)
  ADDRESS(USBDEVFS_REAPURBNDELAY)
  ADDRESS(VHOST_SET_MEM_TABLE)
  ADDRESS(VHOST_SET_LOG_BASE)
  ADDRESS(TUNATTACHFILTER)
  ADDRESS(ATM_GETNAMES)
  ADDRESS(FE_SET_PROPERTY)
  ADDRESS(PPPIOCSACTIVE)
  ADDRESS(PPPIOCSPASS)
  ADDRESS(PPPIOCSCOMPRESS)
  ADDRESS(KVM_GET_DIRTY_LOG)
  ADDRESS(KVM_GET_ONE_REG)
  ADDRESS(KVM_SET_ONE_REG)
  ADDRESS(SNDRV_PCM_IOCTL_WRITEI_FRAMES)
  ADDRESS(SNDRV_PCM_IOCTL_WRITEN_FRAMES)
  ADDRESS(KVM_SET_DEVICE_ATTR)
  ADDRESS(KVM_GET_DEVICE_ATTR)
  ADDRESS(KVM_SET_USER_MEMORY_REGION)
  ADDRESS(VHOST_SET_VRING_ADDR)
  ADDRESS(EVIOCSFF)
  ADDRESS(NVME_IOCTL_SUBMIT_IO)
  ADDRESS(VIDIOC_S_FBUF)
  ADDRESS(BTRFS_IOC_SEND)
  ADDRESS(SNDRV_HWDEP_IOCTL_DSP_LOAD)
  ADDRESS(FS_IOC_ENABLE_VERITY)
  ADDRESS(BTRFS_IOC_SNAP_CREATE_V2)
  ADDRESS(BTRFS_IOC_SUBVOL_CREATE_V2)
  ADDRESS(TUNGETFILTER)
  ADDRESS(USBDEVFS_DISCSIGNAL)
  ADDRESS(FE_GET_PROPERTY)
  ADDRESS(TEE_IOC_OPEN_SESSION)
  ADDRESS(TEE_IOC_INVOKE)
  ADDRESS(TEE_IOC_SUPPL_RECV)
  ADDRESS(TEE_IOC_SUPPL_SEND)
  ADDRESS(KVM_MEMORY_ENCRYPT_REG_REGION)
  ADDRESS(SNDRV_PCM_IOCTL_READI_FRAMES)
  ADDRESS(SNDRV_PCM_IOCTL_READN_FRAMES)
  ADDRESS(IPMICTL_SEND_COMMAND)
  ADDRESS(VIDIOC_G_FBUF)
  ADDRESS(IPMICTL_SEND_COMMAND_SETTIME)
  ADDRESS(USBDEVFS_SUBMITURB)
  ADDRESS(KVM_MEMORY_ENCRYPT_OP)
  ADDRESS(MEMWRITEOOB)
  ADDRESS(MEMREADOOB)
  ADDRESS(SEV_ISSUE_CMD)
  ADDRESS(USBDEVFS_IOCTL)
  ADDRESS(UVCIOC_CTRL_QUERY)
  ADDRESS(MEMWRITEOOB64)
  ADDRESS(MEMREADOOB64)
  ADDRESS(USBDEVFS_CONTROL)
  ADDRESS(USBDEVFS_BULK)
  ADDRESS(KVM_CLEAR_DIRTY_LOG)
  ADDRESS(VIDIOC_G_EXT_CTRLS)
  ADDRESS(VIDIOC_S_EXT_CTRLS)
  ADDRESS(VIDIOC_TRY_EXT_CTRLS)
  ADDRESS(VIDIOC_SUBDEV_G_EDID)
  ADDRESS(VIDIOC_SUBDEV_S_EDID)
  ADDRESS(FS_IOC_READ_VERITY_METADATA)
  ADDRESS(MEDIA_IOC_ENUM_LINKS)
  ADDRESS(MEMWRITE)
  ADDRESS(BINDER_WRITE_READ)
  ADDRESS(IPMICTL_RECEIVE_MSG_TRUNC)
  ADDRESS(IPMICTL_RECEIVE_MSG)
  ADDRESS(SYNC_IOC_FILE_INFO)
  ADDRESS(BTRFS_IOC_INO_PATHS)
  ADDRESS(BTRFS_IOC_LOGICAL_INO)
  ADDRESS(BTRFS_IOC_LOGICAL_INO_V2)
  ADDRESS(NVME_IOCTL_ADMIN_CMD)
  ADDRESS(NVME_IOCTL_IO_CMD)
  ADDRESS(MEDIA_IOC_G_TOPOLOGY)
  ADDRESS(NVME_IOCTL_ADMIN64_CMD)
  ADDRESS(NVME_IOCTL_IO64_CMD)
  ADDRESS(NVME_IOCTL_IO64_CMD_VEC)
  ADDRESS(SNDRV_CTL_IOCTL_ELEM_LIST)
  ADDRESS(CCISS_PASSTHRU)
  ADDRESS(VIDIOC_QUERYBUF)
  ADDRESS(VIDIOC_QBUF)
  ADDRESS(VIDIOC_DQBUF)
  ADDRESS(VIDIOC_PREPARE_BUF)
  ADDRESS(CCISS_BIG_PASSTHRU)
  ADDRESS(UVCIOC_CTRL_MAP)
  ADDRESS(FBIO_CURSOR)
  ADDRESS(VIDIOC_G_FMT)
  ADDRESS(VIDIOC_S_FMT)
  ADDRESS(VIDIOC_TRY_FMT)
  ADDRESS(SNDRV_CTL_IOCTL_ELEM_ADD)
  ADDRESS(SNDRV_CTL_IOCTL_ELEM_REPLACE)
  ADDRESS(SIOCDEVPRIVATE)
}
