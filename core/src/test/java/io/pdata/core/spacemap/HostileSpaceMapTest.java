package io.pdata.core.spacemap;

import static io.pdata.core.transaction.Forgiveness.forgive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.testing.TestStore;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Maps whose checksums are right and whose contents are not. */
class HostileSpaceMapTest {
    private static final int ENTRY = 16;
    private static final int ENTRY_FREE = ENTRY + 8;
    private static final int ENTRY_NONE_BEFORE = ENTRY + 12;

    private final TestStore store = TestStore.format(300, 1000);
    private SpaceMapRoot metadata;
    private SpaceMapRoot data;

    /** Blocks 200 to 204 get the counts from 5 down to 1, in both maps. */
    @BeforeEach
    void fill() {
        for (SpaceMap map : new SpaceMap[]{store.spaceMap(), store.dataMap()}) {
            for (int i = 0; i < 5; i++) {
                map.inc(200, 205 - i);
            }
        }
        store.commit();
        metadata = store.spaceMap().root();
        data = store.dataMap().root();
    }

    /** A copy of the store with something changed in it. */
    private TestStore damaged(Runnable damage) {
        MemoryDevice intact = store.device().copy();
        damage.run();
        MemoryDevice bad = store.device().copy();
        MemorySegment all = MemorySegment.ofArray(new byte[(int) intact.size()]);
        intact.read(0, all);
        store.device().write(0, all);
        return TestStore.open(bad);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void patch(long block, BlockValidator validator, Consumer<MemorySegment> change) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
        store.device().read(block * 4096, bytes);
        change.accept(bytes);
        validator.prepare(bytes, block);
        store.device().write(block * 4096, bytes);
    }

    private long bitmap() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
        store.device().read(metadata.bitmapRoot() * 4096, bytes);
        return bytes.get(Bytes.U64, ENTRY);
    }

    private void patchIndex(Consumer<MemorySegment> change) {
        patch(metadata.bitmapRoot(), IndexBlock.VALIDATOR, change);
    }

    private void patchBitmap(int entry, int count) {
        patch(bitmap(), BitmapBlock.VALIDATOR, bytes -> BitmapBlock.set(bytes, entry, count));
    }

    private static void assertAllRefuse(TestStore store, SpaceMap map, long block) {
        assertThatThrownBy(() -> map.count(block)).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> map.inc(block)).isInstanceOf(CorruptionException.class);
        forgive(store.transactions());
        assertThatThrownBy(() -> map.dec(block)).isInstanceOf(CorruptionException.class);
        forgive(store.transactions());
        assertThatThrownBy(map::newBlock).isInstanceOf(CorruptionException.class);
    }

    @Test
    void aBitmapThatIsNowhereIsCorruption() {
        for (long nowhere : new long[]{300, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            try (TestStore bad = damaged(() -> patchIndex(bytes -> bytes.set(Bytes.U64, ENTRY, nowhere)))) {
                assertAllRefuse(bad, bad.spaceMap(), 200);
            }
        }
    }

    @Test
    void aBitmapThatIsSomethingElseIsCorruptionAndSaysHowItWasReached() {
        for (long other : new long[]{0, metadata.bitmapRoot(), metadata.overflowRoot()}) {
            try (TestStore bad = damaged(() -> patchIndex(bytes -> bytes.set(Bytes.U64, ENTRY, other)))) {
                assertAllRefuse(bad, bad.spaceMap(), 200);
                assertThatThrownBy(() -> bad.spaceMap().count(200))
                        .hasMessageContaining("metadata space map, bitmap 0");
            }
        }
    }

    @Test
    void countersThatNoBitmapCanHaveAreCorruption() {
        for (int lie : new int[]{16321, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            for (int field : new int[]{ENTRY_FREE, ENTRY_NONE_BEFORE}) {
                try (TestStore bad = damaged(() -> patchIndex(bytes -> bytes.set(Bytes.U32, field, lie)))) {
                    assertThatThrownBy(bad.spaceMap()::newBlock).isInstanceOf(CorruptionException.class)
                            .hasMessageContaining("index entry 0");
                    forgive(bad.transactions());
                    assertThatThrownBy(() -> bad.spaceMap().dec(200)).isInstanceOf(CorruptionException.class);
                }
            }
        }
    }

    @Test
    void countersThatDoNotFitTheBitmapAreCorruptionWhenTheyRunOut() {
        try (TestStore bad = damaged(() -> patchIndex(bytes -> bytes.set(Bytes.U32, ENTRY_FREE, 3)))) {
            assertThatThrownBy(() -> bad.spaceMap().inc(210, 220)).isInstanceOf(CorruptionException.class);
        }
        try (TestStore bad = damaged(() -> patchIndex(bytes -> bytes.set(Bytes.U32, ENTRY_FREE, 16320)))) {
            assertThatThrownBy(() -> bad.spaceMap().dec(204)).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void anOverflowingEntryWithoutACountIsCorruption() {
        try (TestStore bad = damaged(() -> patchBitmap(250, 3))) {
            assertThatThrownBy(() -> bad.spaceMap().count(250)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("no count for block 250");
            assertThatThrownBy(() -> bad.spaceMap().inc(250)).isInstanceOf(CorruptionException.class);
        }
        try (TestStore bad = damaged(() -> patchBitmap(250, 3))) {
            assertThatThrownBy(() -> bad.spaceMap().dec(250)).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void aRootThatCountsMoreThanThereIsIsRefused() {
        try (TestStore good = damaged(() -> {})) {
            for (long blocks : new long[]{301, -1, Long.MAX_VALUE}) {
                SpaceMapRoot root = new SpaceMapRoot(blocks, 10, metadata.bitmapRoot(), metadata.overflowRoot());
                assertThatThrownBy(() -> good.spaceMap().reload(root)).isInstanceOf(CorruptionException.class);
            }
            for (long allocated : new long[]{301, -1}) {
                SpaceMapRoot root = new SpaceMapRoot(300, allocated, metadata.bitmapRoot(), metadata.overflowRoot());
                assertThatThrownBy(() -> good.spaceMap().reload(root)).isInstanceOf(CorruptionException.class);
            }
        }
    }

    @Test
    void aDataMapThatClaimsMoreBitmapsThanItHasIsCorruption() {
        try (TestStore good = damaged(() -> {})) {
            good.dataMap().reload(new SpaceMapRoot(1L << 59, 10, data.bitmapRoot(), data.overflowRoot()));
            assertThatThrownBy(() -> good.dataMap().count(1L << 40)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("no entry for bitmap");
            good.dataMap().inc(0, 200);
            good.dataMap().inc(205, BitmapBlock.ENTRIES);
            assertThatThrownBy(good.dataMap()::newBlock).isInstanceOf(CorruptionException.class);
        }
    }

    /** Any bytes of any of the maps' blocks changed: an error of ours or a wrong answer, but nothing else, and soon. */
    @Test
    void randomDamageEndsInErrorsOfTheLibrary() {
        int failures = 0;
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            MemoryDevice device = store.device().copy();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damageSomething(device, random);
            }
            try (TestStore bad = TestStore.open(device)) {
                useAll(bad, random);
            } catch (PersistentDataException e) {
                failures++;
            }
        }
        assertThat(failures).as("seeds with an error").isGreaterThan(50);
    }

    private void damageSomething(MemoryDevice device, Random random) {
        long block = 1 + random.nextInt(20);
        MemorySegment bytes = MemorySegment.ofArray(new byte[4096]);
        device.read(block * 4096, bytes);
        int xor = BlockValidator.rawChecksum(bytes) ^ bytes.get(Bytes.U32, 0);
        int offset = random.nextInt(8) == 0 ? random.nextInt(512) * 8 : 16 + 8 * random.nextInt(6);
        long value = switch (random.nextInt(5)) {
        case 0 -> -1;
        case 1 -> random.nextLong();
        case 2 -> 3L << 2 * random.nextInt(32) | bytes.get(Bytes.U64, offset);
        case 3 -> bytes.get(Bytes.U64, offset) ^ 1L << random.nextInt(64);
        default -> random.nextInt(310);
        };
        bytes.set(Bytes.U64, offset, value);
        bytes.set(Bytes.U64, 8, block);
        bytes.set(Bytes.U32, 0, BlockValidator.rawChecksum(bytes) ^ xor);
        device.write(block * 4096, bytes);
    }

    private static void useAll(TestStore bad, Random random) {
        for (SpaceMap map : new SpaceMap[]{bad.spaceMap(), bad.dataMap()}) {
            for (int i = 0; i < 40; i++) {
                long block = random.nextInt(300);
                switch (random.nextInt(5)) {
                case 0 -> map.count(block);
                case 1 -> map.inc(block, Math.min(300, block + random.nextInt(20)));
                case 2 -> map.newBlock();
                case 3 -> map.isShared(block);
                default -> {
                    if (map.count(block) > 0) {
                        map.dec(block);
                    }
                }
                }
            }
        }
        bad.commit();
    }
}
