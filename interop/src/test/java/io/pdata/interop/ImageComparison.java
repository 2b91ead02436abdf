package io.pdata.interop;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.StringJoiner;

/** Compares a device with an image, block by block. */
final class ImageComparison {
    private static final int REPORTED = 8;

    /** Constants in the checksums, by which the type of a block can be told: format document, section 1.2. */
    private static final Map<Integer, String> TYPES = Map.of(121107, "btree node", 595846735, "array block", 240779,
            "bitmap", 160478, "metadata index", 160774, "thin superblock", 9031977, "cache superblock", 146538381,
            "era superblock");

    private ImageComparison() {}

    /** Nothing if they are the same; otherwise how many blocks differ, and about the first of them what and where. */
    static String difference(Device device, byte[] image) {
        if (device.size() > image.length) {
            return "the image has " + image.length + " bytes, the device " + device.size();
        }
        byte[] found = new byte[image.length];
        device.read(0, MemorySegment.ofArray(found).asSlice(0, device.size()));
        MemorySegment actual = MemorySegment.ofArray(found);
        MemorySegment expected = MemorySegment.ofArray(image);
        StringJoiner report = new StringJoiner("\n  ");
        int differing = 0;
        for (long offset = 0; offset < image.length; offset += Bytes.BLOCK_SIZE) {
            MemorySegment wanted = block(expected, offset);
            MemorySegment got = block(actual, offset);
            if (wanted.mismatch(got) >= 0 && differing++ < REPORTED) {
                report.add("block " + offset / Bytes.BLOCK_SIZE + ": " + describe(wanted, got));
            }
        }
        return differing == 0
                ? ""
                : differing + " of " + image.length / Bytes.BLOCK_SIZE + " blocks differ\n  " + report;
    }

    private static MemorySegment block(MemorySegment image, long offset) {
        return image.asSlice(offset, Math.min(Bytes.BLOCK_SIZE, image.byteSize() - offset));
    }

    private static String describe(MemorySegment wanted, MemorySegment got) {
        long first = wanted.mismatch(got);
        for (long at = first; at < wanted.byteSize(); at++) {
            if (at >= 4 && wanted.get(JAVA_BYTE, at) != got
                    .get(JAVA_BYTE, at)) {
                first = at;
                break;
            }
        }
        long word = first & -8;
        return type(wanted) + " expected, " + type(got) + " found; first at byte " + first + ": 0x"
                + Long.toHexString(wanted.get(Bytes.U64, word)) + " expected, 0x"
                + Long.toHexString(got.get(Bytes.U64, word)) + " found in the word at " + word;
    }

    static String type(MemorySegment block) {
        if (block.byteSize() < Bytes.BLOCK_SIZE
                || block.asSlice(0, 8).mismatch(MemorySegment.ofArray(new byte[8])) < 0) {
            return "nothing";
        }
        int constant = BlockValidator.rawChecksum(block) ^ block.get(Bytes.U32, 0);
        return TYPES.getOrDefault(constant, "unknown block");
    }
}
