# The installed program reads a pool that is active, by way of its held metadata snapshot. /dev/vdb has the program,
# /dev/vdc are the metadata, /dev/vdd the data, /dev/vde is for a stream. Prints lines that begin with
#   sum      a device's number, and the MD5 sum of its content as the kernel reads it
#   extract  the same as the program reads it out of the two devices
#   stream   how long a stream is that begins where /dev/vde does
set -e
mount -o ro /dev/vdb /mnt
for library in /mnt/lib/*; do
  target=/lib/x86_64-linux-gnu/${library##*/}
  [ -e $target ] || [ -e /lib64/${library##*/} ] || cp $library $target
done

volume=16384
pdata() { PDATA_JAVA='-XX:+UseSerialGC -XX:-UsePerfData -Xint' /mnt/opt/pdata/bin/pdata "$@" 2>>/tmp/said; }
images="-m --metadata /dev/vdc --data /dev/vdd --size 8M"
# fill FIRST COUNT: random KiBs
fill() { dd if=/dev/urandom of=/dev/mapper/v bs=1k seek=$1 count=$2 conv=notrunc,fsync 2>/dev/null; }
snapshot() { dmsetup suspend v; dmsetup message pool 0 "create_snap $1 0"; dmsetup resume v; }
sum() {
  dmsetup create s --readonly --table "0 $volume thin /dev/mapper/pool $1"
  echo "sum $1 $(md5sum </dev/mapper/s | cut -d ' ' -f 1)"
  dmsetup remove s
}
extracted() { pdata extract $images $1 - >/tmp/extracted && echo "extract $1 $(md5sum </tmp/extracted | cut -d ' ' -f 1)"; }

dmsetup create pool --table "0 131072 thin-pool /dev/vdc /dev/vdd 128 0"
dmsetup message pool 0 'create_thin 0'
dmsetup create v --table "0 $volume thin /dev/mapper/pool 0"
fill 100 2500
snapshot 1
fill 1900 900
fill 7000 10
snapshot 2
dmsetup message pool 0 reserve_metadata_snap
fill 0 3000
sum 1
sum 2
extracted 2
pdata send $images 2 --since 1 >/dev/vde
sync
dmsetup message pool 0 release_metadata_snap

# Another one, of another moment: what was read of the devices before must not be believed any more.
blkdiscard -o 1048576 -l 1048576 /dev/mapper/v
fill 2600 700
snapshot 3
dmsetup message pool 0 reserve_metadata_snap
fill 0 500
sum 3
extracted 3
cat /tmp/said
