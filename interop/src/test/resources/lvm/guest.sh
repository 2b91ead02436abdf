# LVM with the programs of this project for its own: a pool of thin volumes and a cache, made, used, deactivated,
# activated, damaged. /dev/vdb has LVM and the programs, /dev/vdc is the physical volume. Prints lines that begin with
#   call      a program that LVM has called, and its exit status
#   sum       a volume, when it was read, and the MD5 sum of its content
#   result    a step that is expected to fail or to succeed, and its exit status
#   format    a volume, and the format of its cache's metadata
#   step      what is being done, and when, in seconds since the guest began

mount -o ro /dev/vdb /mnt
for library in /mnt/lib/*; do
  target=/lib/x86_64-linux-gnu/${library##*/}
  [ -e $target ] || [ -e /lib64/${library##*/} ] || cp $library $target
done
cp /mnt/sbin/lvm /sbin/
ln -s /bin/modprobe /sbin/modprobe
mkdir -p /etc/lvm /run/lock/lvm /run/lvm /programs

# The compiler is emulated as well: for small metadata it takes longer than it saves.
cat >/programs/caller <<'CALLER'
#!/bin/sh
PDATA_JAVA='-XX:+UseSerialGC -XX:-UsePerfData -Xint' /mnt/opt/pdata/bin/${0##*/} "$@" >/tmp/out 2>/tmp/err
code=$?
echo "call ${0##*/} $* = $code" >>/tmp/calls
[ ! -s /tmp/err ] || sed "s/^/said ${0##*/}: /" /tmp/err >>/tmp/calls
cat /tmp/out
cat /tmp/err >&2
exit $code
CALLER
chmod +x /programs/caller
for program in /mnt/opt/pdata/bin/*_*; do
  ln -s caller /programs/${program##*/}
done

{
  echo 'devices { obtain_device_list_from_udev=0 use_devicesfile=0 filter=["a|/dev/vdc|","r|.*|"] }'
  echo 'activation { udev_sync=0 udev_rules=0 monitoring=0 thin_pool_autoextend_threshold=100 }'
  echo 'backup { backup=0 archive=0 }'
  echo 'global { event_activation=0 use_lvmpolld=0'
  for kind in thin cache; do
    for verb in check dump repair; do
      echo " ${kind}_${verb}_executable=\"/programs/${kind}_${verb}\""
    done
  done
  echo '}'
} >/etc/lvm/lvm.conf

step() { read -r now rest </proc/uptime; echo "step $now $*"; }
flush_calls() { cat /tmp/calls 2>/dev/null; rm -f /tmp/calls; }
# try NAME WORDS...: LVM does it
try() { name=$1; shift; step "$*"; lvm "$@" >/tmp/lvm 2>&1; code=$?; sed 's/^/lvm: /' /tmp/lvm; flush_calls; echo "result $name $code"; }
# refused NAME WORDS...: LVM refuses it
refused() { name=$1; shift; step "$*"; lvm "$@" >/tmp/lvm 2>&1 || echo "result $name 0"; sed 's/^/lvm: /' /tmp/lvm; flush_calls; }
sum() { echo "sum $1 $2 $(md5sum </dev/vg/$1 | cut -d ' ' -f 1)"; }
# fill VOLUME FIRST COUNT: random MiBs
fill() { dd if=/dev/urandom of=/dev/vg/$1 bs=1M seek=$2 count=$3 conv=notrunc,fsync 2>/dev/null; }

try pvcreate pvcreate -y /dev/vdc
try vgcreate vgcreate vg /dev/vdc

try lvcreate lvcreate -y -q -q -L 64M -V 32M --thinpool pool -n web vg
fill web 0 6
try snapshot lvcreate -y -q -q -s -n monday vg/web
try open lvchange -q -q -ay -K vg/monday
fill web 4 8
try another lvcreate -y -q -q -V 16M --thinpool vg/pool -n mail
fill mail 3 5
for volume in web monday mail; do sum $volume before; done
metadata=$(dmsetup table vg-pool_tmeta | cut -d ' ' -f 5)
try deactivate vgchange -an vg
try activate vgchange -ay -K vg
for volume in web monday mail; do sum $volume after; done

# lose SECTOR FIELD: metadata at this sector of the disk lose the block that a field of the superblock names
lose() {
  index=$(dd if=/dev/vdc bs=512 skip=$1 count=8 2>/dev/null | od -An -tu8 -j$2 -N8)
  dd if=/dev/zero of=/dev/vdc bs=512 seek=$(($1 + index * 8)) count=8 conv=notrunc,fsync 2>/dev/null
}
try deactivate vgchange -an vg
lose $metadata 208 # the index of the space map: thin_check -q only reports it
refused damaged lvchange -ay -K vg/web
try repair lvconvert -y --repair vg/pool
try activate vgchange -ay -K vg
for volume in web monday mail; do sum $volume repaired; done

# cache FORMAT ORIGIN POOL: a cache with metadata of this format, written to, closed and opened, damaged, repaired, and taken apart
cache() {
  try origin lvcreate -y -q -q -L 32M -n $2 vg
  fill $2 0 8
  try cachepool lvcreate -y -q -q --type cache-pool -L 16M -n $3 vg
  try cache lvconvert -y -q -q --type cache --cachemetadataformat $1 --cachepool vg/$3 vg/$2
  echo "format $2 $(lvm lvs --noheadings -o cachemetadataformat vg/$2)"
  fill $2 4 4
  sum $2 before
  try deactivate lvchange -an vg/$2
  try activate lvchange -ay vg/$2
  sum $2 after
  metadata=$(dmsetup table vg-$3_cpool_cmeta | cut -d ' ' -f 5)
  try deactivate lvchange -an vg/$2
  lose $metadata 200 # the hints: a lost space map would be repaired in place
  refused damagedcache lvchange -ay vg/$2
  try repaircache lvconvert -y --repair vg/$2
  try activate lvchange -ay vg/$2
  sum $2 repaired
  try uncache lvconvert -y --uncache vg/$2
  sum $2 last
}
cache 1 slow fast
cache 2 slower faster
step end
