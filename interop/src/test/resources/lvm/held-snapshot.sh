# The installed program reads a pool that is active, by way of its held metadata snapshot. /dev/vdb has the program,
# /dev/vdc are the metadata, /dev/vdd the data, /dev/vde is for a stream. Prints lines that begin with
#   sum      a device's number, and the MD5 sum of its content as the kernel reads it
#   extract  the same as the program reads it out of the two devices
#   step     what is being done, and when, in seconds since the guest began
set -e
trap 'cat /tmp/said' EXIT
step() { read -r now rest </proc/uptime; echo "step $now $*"; }
mount -o ro /dev/vdb /mnt
for library in /mnt/lib/*; do
  target=/lib/x86_64-linux-gnu/${library##*/}
  [ -e $target ] || [ -e /lib64/${library##*/} ] || cp $library $target
done

volume=8192
# Checksums are nothing for the interpreter, and the compiler is emulated, too.
pdata() { PDATA_JAVA='-XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=1' /mnt/opt/pdata/bin/pdata "$@" 2>>/tmp/said; }
images="-m --metadata /dev/vdc --data /dev/vdd --size 4M"
# fill FIRST COUNT: random KiBs
fill() { dd if=/dev/urandom of=/dev/mapper/v bs=1k seek=$1 count=$2 conv=notrunc,fsync 2>/dev/null; }
snapshot() { dmsetup suspend v; dmsetup message pool 0 "create_snap $1 0"; dmsetup resume v; }
sum() {
  dmsetup create s --readonly --table "0 $volume thin /dev/mapper/pool $1"
  echo "sum $1 $(md5sum </dev/mapper/s | cut -d ' ' -f 1)"
  dmsetup remove s
}

dmsetup create pool --table "0 131072 thin-pool /dev/vdc /dev/vdd 128 0"
dmsetup message pool 0 'create_thin 0'
dmsetup create v --table "0 $volume thin /dev/mapper/pool 0"
fill 100 1500
snapshot 1
fill 900 800
fill 3500 10
snapshot 2
dmsetup message pool 0 reserve_metadata_snap
fill 0 2000
sum 1
sum 2
step send
pdata send $images 2 --since 1 >/dev/vde
sync
dmsetup message pool 0 release_metadata_snap

# Another one, of another moment: what was read of the devices before must not be believed any more.
blkdiscard -o 1048576 -l 1048576 /dev/mapper/v
fill 1600 500
snapshot 3
dmsetup message pool 0 reserve_metadata_snap
fill 0 500
sum 3
step extract
pdata extract $images 3 - >/tmp/extracted
echo "extract 3 $(md5sum </tmp/extracted | cut -d ' ' -f 1)"
step end
