# Tools that ask the kernel for something: thin_migrate of volumes of an active pool, thin_trim of a disk that can discard.
# /dev/vdb has the programs, /dev/vdc is the pool's metadata, /dev/vdd its data, /dev/vde a disk as large as a volume, /dev/vdf an
# external origin.
# Each start of a program takes seconds in an emulated machine: most of what is refused, only if $long is true.
# Prints lines that begin with
#   result    what was done, and the exit status
#   said      what was done, and what a program said
#   sum       what was read, and its MD5 sum
#   mapped    a volume, and how many of its sectors are mapped
#   marks     when, and how many bytes of the data device are those that a deleted volume was full of

mount -o ro /dev/vdb /mnt
for library in /mnt/lib/*; do
  target=/lib/x86_64-linux-gnu/${library##*/}
  [ -e $target ] || [ -e /lib64/${library##*/} ] || cp $library $target
done
export PDATA_JAVA='-XX:+UseSerialGC -XX:-UsePerfData -Xint'
size=20480

# run NAME TOOL WORDS...
run() { name=$1; tool=$2; shift 2; /mnt/opt/pdata/bin/$tool "$@" >/tmp/said 2>&1; echo "result $name $?"; sed "s/^/said $name /" /tmp/said; }
# also NAME TOOL WORDS...: where time does not matter
also() { [ "$long" != true ] || run "$@"; }
sum() { echo "sum $1 $(md5sum <$2 | cut -d ' ' -f 1)"; }
message() { dmsetup message pool 0 "$*"; }
table() { echo "0 $size thin /dev/mapper/pool $1"; }
fill() { dd if=/dev/urandom of=/dev/mapper/$1 bs=64k seek=$2 count=$3 conv=notrunc,fsync 2>/dev/null; }
again() { message release_metadata_snap; message reserve_metadata_snap; }
marks() { echo 3 >/proc/sys/vm/drop_caches; echo "marks $1 $(tr -d -c '\377' </dev/vdd | wc -c)"; }

dmsetup create meta --table "0 8192 linear /dev/vdc 0"
dmsetup create pool --table "0 65536 thin-pool /dev/mapper/meta /dev/vdd 128 0"
message create_thin 7
dmsetup create web --table "$(table 7)"
fill web 3 40; fill web 159 1
message create_thin 9
dmsetup create doomed --table "$(table 9)"
tr '\0' '\377' </dev/zero | dd of=/dev/mapper/doomed bs=64k count=100 iflag=fullblock conv=fsync 2>/dev/null
fill web 60 20
dmsetup remove doomed
message delete 9

run writable thin_migrate --source-dev /dev/mapper/web --dest-file /tmp/web
dmsetup remove web
dmsetup create web --readonly --table "$(table 7)"
sum web /dev/mapper/web
also nosnapshot thin_migrate --source-dev /dev/mapper/web --dest-file /tmp/web
message reserve_metadata_snap
dd if=/dev/urandom of=/tmp/web bs=1M count=11 2>/dev/null
run file thin_migrate --source-dev /dev/mapper/web --dest-file /tmp/web
sum file /tmp/web
echo "sum filesize $(stat -c %s /tmp/web)"
dd if=/dev/urandom of=/dev/vde bs=64k count=160 2>/dev/null
run device thin_migrate -q --source-dev /dev/mapper/web --dest-dev /dev/vde
sum device /dev/vde
also buffer thin_migrate --source-dev /dev/mapper/web --dest-dev /dev/vde --buffer-size-meg 0
dmsetup create small --table "0 8192 linear /dev/vde 0"
also lengths thin_migrate --source-dev /dev/mapper/web --dest-dev /dev/mapper/small
dmsetup remove small
also notthin thin_migrate --source-dev /dev/mapper/meta --dest-file /tmp/x
also notdm thin_migrate --source-dev /dev/vde --dest-file /tmp/x
also livetrim thin_trim --metadata-dev /dev/mapper/meta --data-dev /dev/vdd
also liverestore thin_restore -i /tmp/script -o /dev/mapper/meta

# Another volume, of which the metadata snapshot knows nothing; then one that knows of it; then it is written to again.
message create_thin 11
dmsetup create mail --table "$(table 11)"
fill mail 5 10
dmsetup remove mail
dmsetup create mail --readonly --table "$(table 11)"
run unknown thin_migrate --source-dev /dev/mapper/mail --dest-file /tmp/mail
again
run known thin_migrate --source-dev /dev/mapper/mail --dest-file /tmp/mail
sum mail /dev/mapper/mail
sum known /tmp/mail
dmsetup remove mail
dmsetup create mail --table "$(table 11)"
fill mail 20 3
dmsetup remove mail
dmsetup create mail --readonly --table "$(table 11)"
run changed thin_migrate --source-dev /dev/mapper/mail --dest-file /tmp/mail
again
dmsetup remove web
message create_snap 12 7
dmsetup create web --table "$(table 7)"
fill web 3 2
sum webnow /dev/mapper/web
dmsetup create snap --readonly --table "$(table 12)"
again
also snapshot thin_migrate --source-dev /dev/mapper/snap --dest-file /tmp/snap
[ "$long" != true ] || sum snapshot /tmp/snap

# From thin volume to thin volume: of what was there nothing is left, and where nothing is mapped nothing becomes so.
message create_thin 13
dmsetup create copy --table "$(table 13)"
fill copy 0 2; fill copy 50 1
run thin thin_migrate --source-dev /dev/mapper/snap --dest-dev /dev/mapper/copy
sum thin /dev/mapper/copy
for name in snap copy; do echo "mapped $name $(dmsetup status $name | cut -d ' ' -f 4)"; done
dmsetup remove copy
message delete 13

# A volume with an external origin, which shows where nothing is mapped, and ends before the volume does.
dd if=/dev/urandom of=/dev/vdf bs=1M count=6 conv=fsync 2>/dev/null
message create_thin 14
onto="$(table 14) /dev/vdf"
dmsetup create onto --table "$onto"
fill onto 8 4; fill onto 150 1
dd if=/dev/urandom of=/dev/mapper/onto bs=4k seek=400 count=1 conv=notrunc,fsync 2>/dev/null
dmsetup remove onto
dmsetup create onto --readonly --table "$onto"
again
run origin thin_migrate --source-dev /dev/mapper/onto --dest-file /tmp/onto
sum onto /dev/mapper/onto
sum origin /tmp/onto
echo "mapped onto $(dmsetup status onto | cut -d ' ' -f 4)"

message release_metadata_snap
sum mailnow /dev/mapper/mail
dmsetup remove mail snap web onto pool meta
marks before
run trim thin_trim --metadata-dev /dev/vdc --data-dev /dev/vdd
marks after
dmsetup create meta --table "0 8192 linear /dev/vdc 0"
dmsetup create pool --table "0 65536 thin-pool /dev/mapper/meta /dev/vdd 128 0"
dmsetup create web --readonly --table "$(table 7)"
dmsetup create mail --readonly --table "$(table 11)"
dmsetup create snap --readonly --table "$(table 12)"
sum webtrimmed /dev/mapper/web
sum mailtrimmed /dev/mapper/mail
sum snaptrimmed /dev/mapper/snap
dmsetup remove mail snap web pool meta
