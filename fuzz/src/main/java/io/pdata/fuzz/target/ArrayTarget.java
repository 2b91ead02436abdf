package io.pdata.fuzz.target;

import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.Bytes;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Arrays and bitsets, on any block of an image as a root. All ways to read one say the same. */
public final class ArrayTarget implements Target {
    private static final int[] VALUE_SIZES = {4, 8, 1, 2000};
    private static final int MOST_VALUES = 100_000;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.all());
        try (MetadataFile file = new MetadataFile(image)) {
            int valueSize = VALUE_SIZES[input.number() % VALUE_SIZES.length];
            long root = image.base().block(input.number());
            long size = input.wide() & Long.MAX_VALUE;
            ArrayReader array = new ArrayReader(file, valueSize);
            if (valueSize == Long.BYTES) {
                Judge.allows(() -> compare(array, root, size));
                Judge.allows(() -> bits(file, root, size));
            }
            Judge.allows(() -> {
                int[] seen = new int[1];
                array.walk(root, (_, _, _) -> {
                    Judge.require(++seen[0] <= file.blocks() * Bytes.BLOCK_SIZE, "an array that does not end");
                    return true;
                });
            });
            for (int i = 0; i < 8 && input.more(); i++) {
                long index = input.wide() & Long.MAX_VALUE;
                Judge.allows(() -> value(array, root, index));
            }
        }
    }

    private static void value(ArrayReader array, long root, long index) {
        switch (array.valueSize()) {
        case Integer.BYTES -> array.getInt(root, index);
        case Long.BYTES -> array.getLong(root, index);
        default -> array.get(root, index, MemorySegment.ofArray(new byte[array.valueSize()]));
        }
    }

    private static void compare(ArrayReader array, long root, long size) {
        List<Long> values = new ArrayList<>();
        for (ArrayCursor cursor = array.cursor(root, size); cursor.valid() && values.size() < MOST_VALUES; cursor
                .next()) {
            values.add(cursor.longValue());
        }
        for (int i = 0; i < values.size(); i++) {
            Judge.require(array.getLong(root, i) == values.get(i), "value " + i + " differs");
        }
    }

    private static void bits(MetadataFile file, long root, long size) {
        BitsetReader bits = new BitsetReader(file);
        BitsetCursor cursor = bits.cursor(root, size);
        for (int i = 0; i < MOST_VALUES && cursor.nextSet(); i++, cursor.next()) {
            Judge.require(cursor.value() && bits.test(root, cursor.index()), "a set bit that is not set");
        }
    }
}
