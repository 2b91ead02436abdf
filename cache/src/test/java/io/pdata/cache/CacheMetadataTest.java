package io.pdata.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.OpenOptions;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheMetadataTest {
    private static final long CACHE_BYTES = 1 << 20;
    private static final OpenOptions READ_WRITE = OpenOptions.readWrite().withCache(CACHE_BYTES);
    private static final OpenOptions READ_ONLY = OpenOptions.readOnly().withCache(CACHE_BYTES);

    private final MemoryDevice device = new MemoryDevice(64 * Bytes.BLOCK_SIZE);

    private CacheMetadata format(int version) {
        return CacheMetadata.format(device, version, 128, CACHE_BYTES);
    }

    private CacheMetadata reopen(OpenOptions options) {
        return CacheMetadata.open(device.reopen(), options);
    }

    private static ShutdownState allDirty() {
        return new ShutdownState(_ -> true, 128, 100, _ -> true, new CacheStats(1, 2, 3, 4), CachePolicy.SMQ, _ -> 7);
    }

    /** Changes the superblock of a closed device, and makes its checksum right again. */
    private void forge(Consumer<MemorySegment> change) {
        forge(0, CacheSuperblockLayout.VALIDATOR, change);
    }

    private void forge(long number, BlockValidator type, Consumer<MemorySegment> change) {
        device.reopen();
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(number * Bytes.BLOCK_SIZE, block);
        change.accept(block);
        type.prepare(block, number);
        device.write(number * Bytes.BLOCK_SIZE, block);
    }

    /** Blocks 1018 and following have their hints in a second array block, which is moved away. */
    @Test
    void aHintArrayWithAGapIsRefusedByWhoReadsAllOfIt() {
        long root;
        try (CacheMetadata cache = format(2)) {
            cache.resize(2000);
            cache.cleanShutdown(allDirty());
            try (CacheView view = cache.openView()) {
                root = view.superblock().hintRoot();
            }
        }
        forge(root, NodeValidator.NODE, node -> node.set(Bytes.U64, NodeLayout.KEYS + NodeLayout.KEY_SIZE, 9));
        try (CacheMetadata cache = reopen(READ_ONLY); CacheView view = cache.openView()) {
            assertThatThrownBy(() -> view.reader().storedHints((_, _) -> {})).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("has no hint for cache block 1018, but one for 9162");
        }
    }

    @Test
    void aDeviceThatIsNotBlankIsNotFormatted() {
        format(1).close();
        byte[] before = CacheAudit.bytes(device.reopen());
        assertThatThrownBy(() -> format(1)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("not blank");
        assertThat(CacheAudit.bytes(device.reopen())).isEqualTo(before);
    }

    @Test
    void aBlankDeviceIsNotOpened() {
        assertThatThrownBy(() -> reopen(READ_WRITE)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("blank");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -1})
    void anUnknownVersionIsRefused(int version) {
        format(1).close();
        forge(block -> block.set(Bytes.U32, CacheSuperblockLayout.VERSION, version));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("version " + Integer.toUnsignedString(version));
        assertThatThrownBy(() -> CacheMetadata.format(new MemoryDevice(1 << 20), version, 128, CACHE_BYTES))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void badMagicAndBadChecksumAreCorruption() {
        format(1).close();
        forge(block -> block.set(Bytes.U64, CacheSuperblockLayout.MAGIC, 1));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("magic");
        device.reopen().write(100, MemorySegment.ofArray(new byte[]{1}));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void discardsThatNoDeviceCanHaveAreCorruption() {
        // Sectors are computed from these all over: an overflow must not pass as a small number.
        format(1).close();
        forge(block -> {
            block.set(Bytes.U64, CacheSuperblockLayout.DISCARD_BLOCK_SECTORS, 1L << 32);
            block.set(Bytes.U64, CacheSuperblockLayout.DISCARD_BLOCKS, 1L << 32);
        });
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("discard");
    }

    @Test
    void anArrayShorterThanTheSuperblockSaysIsCorruption() {
        try (CacheMetadata metadata = format(1)) {
            metadata.resize(600);
            metadata.commit();
        }
        forge(block -> block.set(Bytes.U32, CacheSuperblockLayout.CACHE_BLOCKS, -1));
        try (CacheMetadata metadata = reopen(READ_ONLY)) {
            assertThatThrownBy(() -> metadata.reader().storedMappings((block, origin, dirty) -> {}))
                    .isInstanceOf(CorruptionException.class);
            assertThatThrownBy(() -> metadata.reader().origin(1L << 31)).isInstanceOf(CorruptionException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"252, true, true", "248, true, false", "244, false, false"})
    void unknownFeaturesAreRefusedAsTheirKindDemands(int flags, boolean toChange, boolean toRead) {
        format(1).close();
        forge(block -> block.set(Bytes.U32, flags, 4));
        refuses(READ_WRITE, toChange, "features");
        refuses(READ_ONLY, toRead, "features");
    }

    private void refuses(OpenOptions options, boolean expected, String reason) {
        if (expected) {
            assertThatThrownBy(() -> reopen(options)).isInstanceOf(MetadataRefusedException.class)
                    .hasMessageContaining(reason);
        } else {
            reopen(options).close();
        }
    }

    @Test
    void anotherBlockSizeIsRefused() {
        format(1).close();
        refuses(READ_WRITE.expecting(64), true, "blocks of 128 sectors, not of 64");
        refuses(READ_WRITE.expecting(128), false, "");
        for (int sectors : new int[]{0, 63, 96, 2_097_216}) {
            assertThatThrownBy(() -> CacheMetadata.format(new MemoryDevice(1 << 20), 1, sectors, CACHE_BYTES))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void needsCheckForbidsChangesUntilItIsCleared() {
        try (CacheMetadata metadata = format(2)) {
            metadata.resize(10);
            metadata.commit();
            metadata.setNeedsCheck();
            assertThatThrownBy(() -> metadata.resize(11)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("needs to be checked");
        }
        byte[] flagged = CacheAudit.bytes(device.reopen());
        refuses(READ_WRITE, true, "needs to be checked");
        assertThat(CacheAudit.bytes(device.reopen())).isEqualTo(flagged);
        try (CacheMetadata metadata = reopen(READ_ONLY)) {
            assertThat(metadata.committed().needsCheck()).isTrue();
            assertThat(metadata.cacheBlocks()).isEqualTo(10);
        }
        CacheMetadata.clearNeedsCheck(device.reopen(), CACHE_BYTES);
        try (CacheMetadata metadata = reopen(READ_WRITE)) {
            assertThat(metadata.committed().needsCheck()).isFalse();
        }
    }

    @Test
    void needsCheckIsNotSetOverUncommittedChanges() {
        // Writing block 0 flushes: half a transaction would become durable with it.
        try (CacheMetadata metadata = format(1)) {
            metadata.resize(10);
            assertThatThrownBy(metadata::setNeedsCheck).isInstanceOf(IllegalStateException.class);
            metadata.abort();
            metadata.setNeedsCheck();
        }
    }

    @Test
    void openingToChangeClearsCleanShutdownAtOnce() {
        try (CacheMetadata metadata = format(2)) {
            metadata.cleanShutdown(allDirty());
        }
        try (CacheMetadata readOnly = reopen(READ_ONLY)) {
            assertThat(readOnly.committed().cleanShutdown()).isTrue();
        }
        CacheMetadata crashed = reopen(READ_WRITE);
        assertThat(crashed.reader().trusted()).isTrue();
        // No commit, no close: what is on the device now is what a crash leaves.
        try (CacheMetadata after = CacheMetadata.open(device.copy(), READ_ONLY)) {
            assertThat(after.committed().cleanShutdown()).isFalse();
            assertThat(after.reader().trusted()).isFalse();
        }
        crashed.close();
    }

    @Test
    void resumingAfterACleanShutdownClearsTheFlag() {
        // Otherwise a crash of the resumed cache would pass as a clean shutdown, and dirty blocks would be lost.
        try (CacheMetadata metadata = format(1)) {
            metadata.cleanShutdown(allDirty());
            assertThat(metadata.committed().cleanShutdown()).isTrue();
            metadata.resume();
            assertThat(metadata.committed().cleanShutdown()).isFalse();
            try (CacheMetadata after = CacheMetadata.open(device.copy(), READ_ONLY)) {
                assertThat(after.committed().cleanShutdown()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void outOfMetadataSpaceLeavesTheLastCommitIntact(int version) {
        try (CacheMetadata metadata = format(version)) {
            metadata.resize(2000);
            metadata.insertMapping(1999, 5);
            metadata.commit();
            assertThatThrownBy(() -> metadata.resize(100_000)).isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("metadata space map");
            assertThatThrownBy(metadata::commit).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("abort");
            metadata.abort();
            assertThat(metadata.cacheBlocks()).isEqualTo(2000);
            metadata.removeMapping(1999);
            metadata.insertMapping(0, 6);
            metadata.commit();
            CacheAudit.verify(device);
            assertThat(metadata.reader().origin(1999)).isEqualTo(-1);
            assertThat(metadata.reader().origin(0)).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aCleanShutdownThatFailsIsNotClean(int version) {
        try (CacheMetadata metadata = format(version)) {
            metadata.resize(2000);
            metadata.insertMapping(3, 5);
            metadata.commit();
            ShutdownState tooLarge = new ShutdownState(_ -> false, 128, 3_000_000, _ -> true, CacheStats.NONE,
                    CachePolicy.SMQ, _ -> 0);
            assertThatThrownBy(() -> metadata.cleanShutdown(tooLarge)).isInstanceOf(NoSpaceException.class);
            CacheAudit.verify(device);
            metadata.commit();
        }
        CacheAudit.verify(device.reopen());
        try (CacheMetadata metadata = reopen(READ_WRITE)) {
            assertThat(metadata.reader().trusted()).isFalse();
            assertThat(metadata.reader().allClean(0, 2000)).isFalse();
            assertThat(metadata.reader().allClean(4, 2000)).isTrue();
        }
    }

    @Test
    void aBlockThatIsDirtyAfterACrashIsNotDropped() {
        // Which blocks were dirty is not known then, so all of them count: the kernel drops them with their data.
        try (CacheMetadata metadata = format(1)) {
            metadata.resize(100);
            metadata.insertMapping(60, 5);
            metadata.commit();
        }
        try (CacheMetadata metadata = reopen(READ_WRITE)) {
            assertThatThrownBy(() -> metadata.resize(60)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not shut down in order");
            metadata.resize(61);
            metadata.commit();
        }
    }

    @Test
    void aViewKeepsItsStateWhateverTheWriterDoes() {
        try (CacheMetadata metadata = format(2)) {
            metadata.resize(1000);
            metadata.insertMapping(500, 1);
            metadata.commit();
            try (CacheView view = metadata.openView()) {
                for (int i = 0; i < 5; i++) {
                    metadata.insertMapping(500, 2 + i);
                    metadata.commit();
                }
                assertThat(view.reader().origin(500)).isEqualTo(1);
                assertThat(metadata.reader().origin(500)).isEqualTo(6);
            }
        }
    }

    @Test
    void aReadOnlyCacheRefusesEveryChange() {
        format(1).close();
        try (CacheMetadata metadata = reopen(READ_ONLY)) {
            assertThatThrownBy(() -> metadata.resize(1)).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> metadata.insertMapping(0, 1)).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> metadata.removeMapping(0)).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(metadata::commit).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(metadata::resume).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(metadata::setNeedsCheck).isInstanceOf(ReadOnlyException.class);
            assertThatThrownBy(() -> metadata.cleanShutdown(allDirty())).isInstanceOf(ReadOnlyException.class);
        }
    }

    @Test
    void mistakesOfTheCallerLeaveTheTransactionWhole() {
        try (CacheMetadata metadata = format(1)) {
            metadata.resize(10);
            assertThatThrownBy(() -> metadata.insertMapping(10, 1)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> metadata.insertMapping(0, 1L << 48))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> metadata.resize(1L << 32)).isInstanceOf(IllegalArgumentException.class);
            metadata.insertMapping(9, (1L << 48) - 1);
            metadata.commit();
            assertThat(metadata.reader().origin(9)).isEqualTo((1L << 48) - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters!", "naïve"})
    void aPolicyNameThatCannotBeStoredIsRefused(String name) {
        assertThatThrownBy(() -> new ShutdownState(_ -> false, 0, 0, _ -> false, CacheStats.NONE,
                new CachePolicy(name, 1, 0, 0, 4), _ -> 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
