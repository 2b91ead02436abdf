package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.ValueType;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.MetadataStore;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** The example of the format document, section 5.10, which a kernel wrote: where each block comes to lie. */
class WorkedExampleTest {
    private static final BlockValidator SUPERBLOCK = new BlockValidator("superblock", 1, 8) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {}
    };

    private final MemoryDevice device = new MemoryDevice(1024 * 4096);
    private final MetadataStore store = MetadataStore.format(device, 1 << 20, SUPERBLOCK);
    private final DiskSpaceMap data = new DiskSpaceMap(store.transactions());

    @Test
    void formattingAndFirstActivationOfAThinPoolPlaceEveryBlockAsTheKernelDoes() {
        data.create();
        assertThat(new BTree(store.transactions(), 2, ValueType.plain(8)).empty().block()).isEqualTo(6);
        assertThat(new BTree(store.transactions(), 1, ValueType.plain(24)).empty().block()).isEqualTo(7);
        data.commit();
        store.commitNew(block -> {}, () -> {});
        assertThat(store.spaceMap().root()).isEqualTo(new SpaceMapRoot(1024, 8, 1, 2));
        assertThat(data.root()).isEqualTo(new SpaceMapRoot(0, 0, 4, 5));
        assertThat(long64(3, 16)).as("first bitmap word").isEqualTo(0xAAAAL);
        assertIndexEntry(1, 3, 16320 - 8, 8);

        data.extend(40960);
        data.commit();
        store.commit(block -> {}, () -> {});
        assertThat(store.spaceMap().root()).isEqualTo(new SpaceMapRoot(1024, 11, 13, 2));
        assertThat(data.root()).isEqualTo(new SpaceMapRoot(40960, 0, 12, 5));
        assertThat(long64(9, 16)).as("first bitmap word").isEqualTo(0x0AAAA822L);
        assertIndexEntry(13, 9, 16309, 1);
        assertThat(block(9).get(Bytes.U32, 0)).as("checksum of the bitmap")
                .isEqualTo(BlockValidator.rawChecksum(block(9)) ^ 240779);
        assertDataIndex(12, 8, 10, 11);
    }

    /** The stale copies stay on the device, and the bytes between header, entries and the end are zero. */
    @Test
    void anEmptyDataBitmapHasTheChecksumOfTheFormatDocument() {
        data.create();
        store.commitNew(block -> {}, () -> {});
        while (store.spaceMap().newBlock() < 7) {
            continue;
        }
        data.extend(1);
        data.commit();
        store.commit(block -> {}, () -> {});
        assertThat(block(9).get(Bytes.U32, 0)).as("checksum").isEqualTo(0xDA43AF11);
    }

    private void assertDataIndex(long root, long... bitmaps) {
        assertThat(block(root).get(Bytes.U32, 16)).as("index entries").isEqualTo(bitmaps.length);
        for (int i = 0; i < bitmaps.length; i++) {
            assertThat(long64(root, 32 + 8 * i)).as("key %d", i).isEqualTo(i);
            assertThat(long64(root, 1376 + 16 * i)).as("bitmap %d", i).isEqualTo(bitmaps[i]);
            assertThat(long64(root, 1376 + 16 * i + 8)).as("free and none free before").isEqualTo(16320);
        }
    }

    private void assertIndexEntry(long block, long location, int free, int noneFreeBefore) {
        assertThat(long64(block, 16)).as("location").isEqualTo(location);
        assertThat(block(block).get(Bytes.U32, 24)).as("free").isEqualTo(free);
        assertThat(block(block).get(Bytes.U32, 28)).as("none free before").isEqualTo(noneFreeBefore);
        assertThat(long64(block, 32)).as("second entry").isZero();
    }

    private long long64(long block, long offset) {
        return block(block).get(Bytes.U64, offset);
    }

    private MemorySegment block(long number) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
        device.read(number * 4096, bytes);
        return bytes;
    }
}
