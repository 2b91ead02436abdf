package io.pdata.core.store;

import io.pdata.core.block.BlockManager;
import io.pdata.core.device.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Recognises what is on a device: anything at all in its first block, and file systems and the like that begin further
 * on. One read of at most 136 KiB.
 *
 * <p>A metadata device whose first block was zeroed counts as empty, whatever is in the others: that is how the kernel's
 * targets are told to format one.
 */
final class DeviceContents {
    /** How much of a device is looked at. */
    static final long PROBED = 136 << 10;
    private static final long METADATA_MAGIC = 32;

    /** Bytes that identify the contents of a device. */
    private record Signature(long offset, byte[] bytes, String name) {

        static Signature text(long offset, String text, String name) {
            return new Signature(offset, text.getBytes(StandardCharsets.ISO_8859_1), name);
        }

        /** An integer of {@code size} bytes, the lowest first. */
        static Signature number(long offset, long number, int size, String name) {
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (number >>> 8 * i);
            }
            return new Signature(offset, bytes, name);
        }

        boolean matches(MemorySegment content) {
            return offset + bytes.length <= content.byteSize()
                    && content.asSlice(offset, bytes.length).mismatch(MemorySegment.ofArray(bytes)) < 0;
        }
    }

    private static final List<Signature> KNOWN = List.of(
            Signature.number(METADATA_MAGIC, 27022010, 8, "metadata of a thin pool"),
            Signature.number(METADATA_MAGIC, 1623043, 8, "metadata of a cache"),
            Signature.number(METADATA_MAGIC, 2126579579, 8, "metadata of an era device"),
            Signature.text(0, "<superblock", "metadata as XML"),
            Signature.text(0, "<?xml", "XML"),
            Signature.text(0, "XFSB", "an XFS file system"),
            Signature.text(0, "LUKS", "an encrypted (LUKS) device"),
            Signature.text(0, "hsqs", "a squashfs file system"),
            Signature.text(0, "QFI", "a QCOW image"),
            Signature.text(512, "LABELONE", "an LVM physical volume"),
            Signature.text(512, "EFI PART", "a partition table (GPT)"),
            Signature.number(1080, 0xef53, 2, "an ext2, ext3 or ext4 file system"),
            Signature.number(1024, 0xf2f52010L, 4, "an F2FS file system"),
            Signature.text(4086, "SWAPSPACE2", "swap space"),
            Signature.number(510, 0xaa55, 2, "a partition table or boot sector"),
            Signature.number(4096, 0xa92b4efcL, 4, "a member of a RAID array"),
            Signature.number(0, 0xa92b4efcL, 4, "a member of a RAID array"),
            new Signature(4096 + 24, new byte[]{(byte) 0xc6, (byte) 0x85, 0x73, (byte) 0xf6, 0x4e, 0x1a, 0x45,
                (byte) 0xca}, "a bcache device or bcachefs file system"),
            Signature.text(32 << 10, "JFS1", "a JFS file system"),
            Signature.text((32 << 10) + 1, "CD001", "an ISO 9660 file system"),
            Signature.text((32 << 10) + 1, "BEA01", "a UDF file system"),
            Signature.text((64 << 10) + 64, "_BHRfS_M", "a btrfs file system"),
            Signature.text((64 << 10) + 52, "ReIsEr", "a ReiserFS file system"),
            Signature.number(128 << 10, 0x00bab10cL, 8, "a member of a ZFS pool"));

    private DeviceContents() {}

    /** Names the contents that formatting would destroy; empty for a blank device. */
    static Optional<String> describe(Device device) {
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment content = arena.allocate(Math.min(PROBED, device.size()), Long.BYTES);
            device.read(0, content);
            Optional<String> known = KNOWN.stream().filter(signature -> signature.matches(content)).map(Signature::name)
                    .findFirst();
            return known.isPresent() || isBlank(content)
                    ? known
                    : Optional.of("something (its first block is not zero)");
        }
    }

    private static boolean isBlank(MemorySegment content) {
        long end = Math.min(content.byteSize(), BlockManager.BLOCK_SIZE);
        for (long at = 0; at < end; at++) {
            if (content.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return false;
            }
        }
        return true;
    }
}
