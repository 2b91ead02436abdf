package io.pdata.tools.inspect;

import io.pdata.cache.CacheSuperblock;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.era.EraSuperblock;
import io.pdata.thin.BlockTime;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What stands in a block.
 *
 * @param block its number
 * @param type what it is, or was before it was damaged
 * @param fields what its header says
 * @param entries one text for each entry; of a bitmap one for each run of equal counts, of a block of no type its bytes
 */
public record BlockView(long block, String type, Map<String, Object> fields, List<String> entries) {
    private static final int BYTES_IN_A_LINE = 32;
    /** Above this a value of 8 bytes is shown as a data block and a time as well: it may be a mapping. */
    private static final long LEAST_MAPPING = 1L << 24;

    /** Decodes a block, whatever it is. */
    public static BlockView of(MemorySegment data, long number) {
        BlockKind kind = BlockKind.of(data, number);
        Map<String, Object> fields = new LinkedHashMap<>();
        List<String> entries = new ArrayList<>();
        String title = kind.title();
        BlockGuess guess = kind == BlockKind.UNKNOWN ? BlockGuess.of(data, number).orElse(null) : null;
        if (guess != null) {
            title = "damaged " + guess.kind().title();
            fields.put("problem", guess.problem());
        }
        if (guess != null && guess.mended() != null) {
            decode(guess.kind(), guess.mended(), number, fields, entries);
        } else {
            decode(kind, data, number, fields, entries);
        }
        return new BlockView(number, title, fields, entries);
    }

    /** The bytes of a block, whatever they mean. */
    public static BlockView bytesOf(MemorySegment data, long number) {
        List<String> entries = new ArrayList<>();
        bytes(data, entries);
        return new BlockView(number, BlockKind.of(data, number).title(), new LinkedHashMap<>(), entries);
    }

    private static void decode(BlockKind kind, MemorySegment data, long number, Map<String, Object> fields,
            List<String> entries) {
        switch (kind) {
        case THIN_SUPERBLOCK -> record(ThinSuperblock.read(data), fields);
        case CACHE_SUPERBLOCK -> record(CacheSuperblock.read(data), fields);
        case ERA_SUPERBLOCK -> record(EraSuperblock.read(data), fields);
        case NODE -> node(WalkedNode.of(number, data), fields, entries);
        case ARRAY -> array(data, fields, entries);
        case INDEX -> index(data, entries);
        case BITMAP -> bitmap(data, entries);
        case UNKNOWN -> bytes(data, entries);
        case BLANK -> {
            // nothing to tell
        }
        }
    }

    /** The components of a record, by their names. */
    static void record(Record record, Map<String, Object> fields) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            try {
                Object value = component.getAccessor().invoke(record);
                if (value instanceof Record inner) {
                    Map<String, Object> innerFields = new LinkedHashMap<>();
                    record(inner, innerFields);
                    fields.put(component.getName(), innerFields);
                } else {
                    fields.put(component.getName(), value instanceof Number ? value : String.valueOf(value));
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("a public record has public accessors", e);
            }
        }
    }

    private static void node(WalkedNode node, Map<String, Object> fields, List<String> entries) {
        fields.put("kind", node.isLeaf() ? "leaf" : "internal");
        fields.put("entries", node.entries());
        fields.put("maxEntries", node.data().get(Bytes.U32, NodeLayout.MAX_ENTRIES));
        fields.put("valueSize", node.valueSize());
        for (int i = 0; i < node.entries(); i++) {
            entries.add(Long.toUnsignedString(node.key(i)) + " -> " + value(node, i));
        }
    }

    private static String value(WalkedNode node, int i) {
        if (!node.isLeaf()) {
            return "block " + Long.toUnsignedString(node.longValue(i));
        }
        return switch (node.valueSize()) {
        case Long.BYTES -> longValue(node.longValue(i));
        case DeviceDetails.SIZE -> DeviceDetails.read(node.data(), node.valueOffset(i)).toString();
        case IndexEntry.SIZE -> indexEntry(node.data(), node.valueOffset(i));
        case Integer.BYTES -> Integer.toUnsignedString(node.data().get(Bytes.U32, node.valueOffset(i)));
        default -> hex(node.data(), node.valueOffset(i), node.valueSize());
        };
    }

    private static String longValue(long value) {
        return Long.compareUnsigned(value, LEAST_MAPPING) < 0
                ? Long.toUnsignedString(value)
                : Long.toUnsignedString(value) + " (data block " + BlockTime.block(value) + ", time "
                        + BlockTime.time(value) + ")";
    }

    private static String indexEntry(MemorySegment data, long offset) {
        return "bitmap in block " + Long.toUnsignedString(IndexEntry.location(data, offset)) + ", free "
                + Integer.toUnsignedString(IndexEntry.free(data, offset)) + ", none free before "
                + Integer.toUnsignedString(IndexEntry.noneFreeBefore(data, offset));
    }

    private static void array(MemorySegment data, Map<String, Object> fields, List<String> entries) {
        int size = ArrayBlock.valueSize(data);
        fields.put("entries", ArrayBlock.entries(data));
        fields.put("maxEntries", ArrayBlock.maxEntries(data));
        fields.put("valueSize", size);
        for (int i = 0; i < ArrayBlock.entries(data); i++) {
            long offset = ArrayBlock.valueOffset(i, size);
            entries.add(i + " -> " + switch (size) {
            case Long.BYTES -> Long.toHexString(data.get(Bytes.U64, offset));
            case Integer.BYTES -> Integer.toUnsignedString(data.get(Bytes.U32, offset));
            default -> hex(data, offset, size);
            });
        }
    }

    private static void index(MemorySegment data, List<String> entries) {
        for (int i = 0; i < IndexBlock.ENTRIES; i++) {
            if (IndexEntry.location(data, IndexBlock.entryOffset(i)) != 0) {
                entries.add(i + " -> " + indexEntry(data, IndexBlock.entryOffset(i)));
            }
        }
    }

    private static void bitmap(MemorySegment data, List<String> entries) {
        int begin = 0;
        for (int i = 1; i <= BitmapBlock.ENTRIES; i++) {
            int count = BitmapBlock.count(data, begin);
            if (i == BitmapBlock.ENTRIES || BitmapBlock.count(data, i) != count) {
                entries.add(begin + ".." + (i - 1) + " -> "
                        + (count == BitmapBlock.OVERFLOW ? "3 or more" : Integer.toString(count)));
                begin = i;
            }
        }
    }

    /** As hexdump: a line that is as the one before is left out, and a star stands for all of these. */
    private static void bytes(MemorySegment data, List<String> entries) {
        String before = "";
        for (int at = 0; at < Bytes.BLOCK_SIZE; at += BYTES_IN_A_LINE) {
            String line = hex(data, at, BYTES_IN_A_LINE);
            if (!line.equals(before)) {
                entries.add(String.format("%03x  %s", at, line));
            } else if (!entries.getLast().equals("*")) {
                entries.add("*");
            }
            before = line;
        }
    }

    private static String hex(MemorySegment data, long offset, int length) {
        byte[] bytes = data.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return HexFormat.of().formatHex(bytes);
    }
}
