#!/bin/busybox sh
# The first program in the virtual machine. Makes the root of the host the root of the machine, with a layer in memory
# that takes what is written.
set -e
export PATH=/bin
/bin/busybox --install /bin
mkdir -p /proc /sys /dev /host /layer /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
modprobe -a virtio_pci 9pnet_virtio 9p overlay
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host
mount -t tmpfs tmpfs /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
for folder in /proc /sys /dev; do
  mount --move "$folder" "/root$folder"
done
exec switch_root /root "$EM_ROOT/bin/busybox" sh "$EM_REPOSITORY/tools/ci/machine/set-up.sh"
