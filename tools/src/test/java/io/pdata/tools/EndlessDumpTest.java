package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.era.EraMetadata;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.text.TextOut;
import io.pdata.tools.thin.ThinDump;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/** A few blocks that would have a dump go on for years. Each of these tests hangs if the dump does. */
class EndlessDumpTest {
    private static final int CHILDREN = 252;
    private static final int LEAF = 200;
    private static final int HEIGHT = 8;

    private final MemoryDevice device = new MemoryDevice(1 << 20);
    private final ImageEditor image = new ImageEditor(device);

    /** Every node has 252 times the same child: 252^8 ways lead to the one leaf. */
    @Test
    void aTreeThatIsWiderThanTheDevice() {
        try (ThinMetadata pool = ThinMetadata.format(device, 128, 1 << 20)) {
            pool.createThin(1);
            pool.commit();
        }
        long topLevel = image.read(0).get(Bytes.U64, ThinSuperblockLayout.MAPPING_ROOT);
        plant(LEAF, NodeLayout.LEAF, 1, 0);
        for (int height = 1; height <= HEIGHT; height++) {
            plant(LEAF + height, NodeLayout.INTERNAL, CHILDREN, LEAF + height - 1);
        }
        image.node(topLevel, node -> ImageEditor.setLongValue(node, 0, LEAF + HEIGHT));
        try (MetadataFile file = new MetadataFile(device.reopen()); TextOut nowhere = nowhere()) {
            assertThatThrownBy(() -> ThinDump.dump(file, ThinDump.Options.XML, () -> nowhere))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("keys out of bounds: 0 to 251 where its parent has 0 to 0");
        }
    }

    private void plant(long block, int flags, int entries, long value) {
        image.node(block, node -> {
            node.set(Bytes.U32, NodeLayout.FLAGS, flags);
            node.set(Bytes.U32, NodeLayout.NR_ENTRIES, entries);
            node.set(Bytes.U32, NodeLayout.MAX_ENTRIES, CHILDREN);
            node.set(Bytes.U32, NodeLayout.VALUE_SIZE, Long.BYTES);
            for (int i = 0; i < entries; i++) {
                ImageEditor.setKey(node, i, i);
                ImageEditor.setLongValue(node, i, value);
            }
        });
    }

    /** Four thousand million lines, before the era array is asked for a block that it has not. */
    @Test
    void aNumberOfBlocksThatLies() {
        try (EraMetadata era = EraMetadata.format(device, 8, 1 << 20)) {
            era.resume(100);
        }
        try (EraMetadata era = EraMetadata.open(device.reopen(), OpenOptions.readWrite())) {
            era.resume(100);
            era.mark(7);
            era.commit();
        }
        image.edit(0, EraSuperblockLayout.VALIDATOR, superblock -> superblock.set(Bytes.U32,
                EraSuperblockLayout.BLOCKS, -1));
        try (MetadataFile file = new MetadataFile(device.reopen()); TextOut nowhere = nowhere()) {
            assertThatThrownBy(() -> EraDump.dump(file, false, () -> nowhere)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("has no value 4294967294, being shorter than its owner says");
        }
    }

    private static TextOut nowhere() {
        return new TextOut(OutputStream.nullOutputStream());
    }
}
