# The second program in the virtual machine, once it has its root. Sets up devices, and runs the tests.
set -e
busybox="$EM_ROOT/bin/busybox"
export HOME=/root NO_COLOR=1 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/busybox
"$busybox" mkdir -p /run/busybox /run/results
"$busybox" --install -s /run/busybox

# Only the modprobe of busybox reads the index that its depmod writes. The kernel calls it, too.
ln -sf "$busybox" /usr/local/sbin/modprobe
echo /usr/local/sbin/modprobe > /proc/sys/kernel/modprobe
modules="/lib/modules/$(uname -r)"
mkdir -p "$modules"
mount --bind "$EM_ROOT$modules" "$modules"

mount -t 9p -o trans=virtio,version=9p2000.L results /run/results
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue
ln -s /proc/self/fd /dev/fd

modprobe -a configfs evdev uinput uhid tun vsock vsock_loopback vcan can-raw can-isotp gpio-sim i2c-dev
# A chip on a simulated bus.
modprobe i2c-stub chip_addr=0x1c
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t configfs configfs /sys/kernel/config
ip link set lo up
ip link add vcan0 type vcan
ip link set vcan0 up

# The first serial port is the console of the kernel. The second has what the tests print.
output=/dev/ttyS1
stty -F "$output" raw
echo "Linux $(uname -r) has started. Running the tests…" > "$output"
cd "$EM_REPOSITORY"
{
  status=0
  # shellcheck disable=SC2086
  "$EM_NODE" node_modules/vitest/vitest.mjs run --configLoader native --config tools/ci/machine/vitest.config.ts $EM_ARGS || status=$?
  echo "$status" > /run/results/status
} 2>&1 | cat > "$output"
poweroff -f
