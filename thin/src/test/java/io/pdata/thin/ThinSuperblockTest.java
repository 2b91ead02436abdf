package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.testkit.Golden;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThinSuperblockTest {

    static List<String> images() {
        return Recorded.names();
    }

    private static MemorySegment firstBlock(String image) {
        return MemorySegment.ofArray(Golden.image(image)).asSlice(0, Bytes.BLOCK_SIZE);
    }

    /** A superblock in the words of the recording. */
    static Map<String, Long> fields(ThinSuperblock superblock) {
        Map<String, Long> fields = new HashMap<>();
        fields.put("flags", Integer.toUnsignedLong(superblock.flags()));
        fields.put("version", (long) superblock.version());
        fields.put("time", (long) superblock.time());
        fields.put("trans_id", superblock.transactionId());
        fields.put("held_root", superblock.heldRoot());
        fields.put("data_mapping_root", superblock.mappingRoot());
        fields.put("device_details_root", superblock.detailsRoot());
        fields.put("data_block_size", (long) superblock.dataBlockSectors());
        fields.put("metadata_block_size", (long) superblock.metadataBlockSectors());
        fields.put("metadata_nr_blocks", superblock.formattedBlocks());
        fields.put("compat", (long) superblock.compatFlags());
        fields.put("compat_ro", (long) superblock.compatReadOnlyFlags());
        fields.put("incompat", (long) superblock.incompatFlags());
        return fields;
    }

    static Map<String, Long> fields(SpaceMapRoot root) {
        return Map.of("nr_blocks", root.blocks(), "nr_allocated", root.allocated(), "bitmap_root", root.bitmapRoot(),
                "ref_count_root", root.overflowRoot());
    }

    @ParameterizedTest
    @MethodSource("images")
    void everyFieldOfAGoldenSuperblockIsAsRecorded(String image) {
        MemorySegment block = firstBlock(image);
        ThinSuperblockLayout.VALIDATOR.check(block, 0);
        ThinSuperblock superblock = ThinSuperblock.read(block);
        Recorded recorded = Recorded.of(image);
        assertThat(recorded.superblock()).containsAllEntriesOf(fields(superblock));
        assertThat(recorded.dataSpaceMap()).containsAllEntriesOf(fields(superblock.dataSpaceMap()));
        assertThat(recorded.metadataSpaceMap()).containsAllEntriesOf(fields(superblock.metadataSpaceMap()));
    }

    @ParameterizedTest
    @MethodSource("images")
    void aGoldenSuperblockWrittenAgainIsTheSameBlock(String image) {
        // Catches a field that is read and written at the same wrong offset, and one that is not written.
        MemorySegment block = firstBlock(image);
        MemorySegment copy = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        ThinSuperblock.read(block).write(copy);
        ThinSuperblockLayout.VALIDATOR.prepare(copy, 0);
        assertThat(copy.mismatch(block)).isEqualTo(-1);
    }

    @Test
    void anotherMagicNumberIsRefused() {
        MemorySegment block = firstBlock("thin-fresh");
        block.set(Bytes.U64, ThinSuperblockLayout.MAGIC, 1);
        ThinSuperblockLayout.VALIDATOR.prepare(block, 0);
        assertThatThrownBy(() -> ThinSuperblockLayout.VALIDATOR.check(block, 0)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("magic").hasMessageContaining("27022010");
    }

    @Test
    void aFlippedBitIsNoticed() {
        MemorySegment block = firstBlock("thin-fresh");
        block.set(Bytes.U32, ThinSuperblockLayout.TIME, 1);
        assertThatThrownBy(() -> ThinSuperblockLayout.VALIDATOR.check(block, 0)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("checksum");
    }
}
