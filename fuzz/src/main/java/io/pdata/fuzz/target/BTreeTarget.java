package io.pdata.fuzz.target;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeWalker;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;

/**
 * Lookups, cursors and the walker, on any block of an image as a root. A tree that the walker finds sound has as many
 * entries as it says, in order, and each can be looked up.
 */
public final class BTreeTarget implements Target {
    private static final int[] VALUE_SIZES = {4, 8, 12, 16, 24};
    private static final int ENTRIES_PER_BLOCK = 508;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.all());
        try (MetadataFile file = new MetadataFile(image)) {
            int valueSize = VALUE_SIZES[input.number() % VALUE_SIZES.length];
            long root = input.number();
            boolean known = input.number() % 8 != 0;
            new Reading(file, known ? image.base().block(root) : input.wide(), valueSize, input).run();
        }
    }

    private static final class Reading {
        private final MetadataFile file;
        private final long root;
        private final int valueSize;
        private final Input input;
        private final BTreeReader tree;
        private final MemorySegment value;
        private final long[] key = new long[1];

        Reading(MetadataFile file, long root, int valueSize, Input input) {
            this.file = file;
            this.root = root;
            this.valueSize = valueSize;
            this.input = input;
            this.tree = new BTreeReader(file, 1, valueSize);
            this.value = MemorySegment.ofArray(new byte[valueSize]);
        }

        void run() {
            TreeWalker walker = new TreeWalker(file, valueSize, 2);
            boolean sound = walker.addRoot(root);
            walker.walk(_ -> {});
            TreeWalker.Summary summary = walker.summary(root);
            boolean clean = sound && summary.errors() == 0;
            Judge.allows(clean, "a cursor", () -> walk(clean, summary));
            Judge.allows(clean, "a search for the ends", () -> {
                long low = tree.lowestKey(root).orElse(0);
                long high = tree.highestKey(root).orElse(0);
                Judge.require(!clean || summary.entries() == 0 || high == summary.high(), "another highest key");
                Judge.require(!clean || Long.compareUnsigned(low, high) <= 0, "lowest above highest");
            });
            for (int i = 0; i < 8 && input.more(); i++) {
                Judge.allows(clean, "a lookup", this::look);
            }
        }

        private void walk(boolean clean, TreeWalker.Summary summary) {
            long entries = 0;
            long previous = 0;
            try (Cursor cursor = tree.cursor(root)) {
                for (; cursor.valid(); cursor.next()) {
                    Judge.require(entries <= file.blocks() * ENTRIES_PER_BLOCK, "a cursor that does not end");
                    if (clean) {
                        Judge.require(entries == 0 || Long.compareUnsigned(previous, cursor.key()) < 0, "keys descend");
                        Judge.require(tree.lookup(root, cursor.key(), value), "an entry that is not found");
                    }
                    previous = cursor.key();
                    cursor.value(value);
                    entries++;
                }
            }
            Judge.require(!clean || entries == summary.entries(), "the walker counts " + summary.entries()
                    + " entries, the cursor " + entries);
        }

        private void look() {
            key[0] = input.wide();
            tree.lookup(root, key[0], value);
            long from = key[0];
            if (tree.lookupNext(root, key, value)) {
                Judge.require(Long.compareUnsigned(key[0], from) >= 0, "the next key is below");
            }
            if (valueSize == Long.BYTES) {
                tree.lookupLong(root, from, -1);
                long below = input.wide();
                Judge.allows(() -> new BTreeReader(file, 2, valueSize).lookupLong(root, new long[]{from, below}, -1));
            }
            try (Cursor cursor = tree.cursor(root)) {
                cursor.skip(from & Long.MAX_VALUE);
            }
        }
    }
}
