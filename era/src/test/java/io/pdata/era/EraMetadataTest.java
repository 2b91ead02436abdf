package io.pdata.era;

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
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EraMetadataTest {
    private static final long CACHE_BYTES = 1 << 20;
    private static final OpenOptions READ_WRITE = OpenOptions.readWrite().withCache(CACHE_BYTES);
    private static final OpenOptions READ_ONLY = OpenOptions.readOnly().withCache(CACHE_BYTES);

    private final MemoryDevice device = new MemoryDevice(64 * Bytes.BLOCK_SIZE);

    private EraMetadata format() {
        return EraMetadata.format(device, 64, CACHE_BYTES);
    }

    private EraMetadata reopen(OpenOptions options) {
        return EraMetadata.open(device.reopen(), options);
    }

    /** Changes the superblock of a closed device, and makes its checksum right again. */
    private void forge(Consumer<MemorySegment> change) {
        device.reopen();
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(0, block);
        change.accept(block);
        EraSuperblockLayout.VALIDATOR.prepare(block, 0);
        device.write(0, block);
    }

    /** Changes the leaf of the writeset tree of a closed device that has two archived writesets. */
    private void forgeWritesets(Consumer<MemorySegment> change) {
        try (EraMetadata metadata = format()) {
            metadata.resume(100);
            metadata.rollOver();
            metadata.suspend();
        }
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.reopen().read(0, block);
        long root = EraSuperblock.read(block).writesetTreeRoot();
        device.read(root * Bytes.BLOCK_SIZE, block);
        change.accept(block);
        NodeValidator.NODE.prepare(block, root);
        device.write(root * Bytes.BLOCK_SIZE, block);
    }

    @Test
    void digestionOfWritesetsThatCannotBeLookedUpEnds() {
        forgeWritesets(leaf -> {
            leaf.set(Bytes.U64, NodeLayout.KEYS, 2);
            leaf.set(Bytes.U64, NodeLayout.KEYS + NodeLayout.KEY_SIZE, 1);
        });
        try (EraMetadata metadata = reopen(READ_WRITE)) {
            assertThatThrownBy(metadata::digest).isInstanceOf(CorruptionException.class)
                    .hasMessageContainingAll("era 2", "keys are not in order");
        }
    }

    @Test
    void anArchivedWritesetWithoutARootIsNotAnEmptyOne() {
        forgeWritesets(leaf -> leaf.set(Bytes.U64,
                NodeLayout.KEYS + NodeLayout.capacity(Writeset.SIZE) * NodeLayout.KEY_SIZE + 4, 0));
        try (EraMetadata metadata = reopen(READ_ONLY)) {
            assertThatThrownBy(() -> metadata.reader().lastWritten(5)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("the archived writeset of era 1 has no root");
        }
    }

    @Test
    void moreBlocksThanCanBeTrackedAreNotBelieved() {
        format().close();
        forge(block -> block.set(Bytes.U32, EraSuperblockLayout.BLOCKS, -1));
        assertThatThrownBy(() -> reopen(READ_WRITE)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("claims to track 4294967295 blocks");
    }

    @Test
    void aDeviceThatIsNotBlankIsNotFormatted() {
        format().close();
        byte[] before = EraAudit.bytes(device.reopen());
        assertThatThrownBy(this::format).isInstanceOf(MetadataRefusedException.class).hasMessageContaining("not blank");
        assertThat(EraAudit.bytes(device.reopen())).isEqualTo(before);
    }

    @Test
    void aBlankDeviceIsNotOpened() {
        assertThatThrownBy(() -> reopen(READ_WRITE)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("blank");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, -1})
    void anUnknownVersionIsRefused(int version) {
        format().close();
        forge(block -> block.set(Bytes.U32, EraSuperblockLayout.VERSION, version));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("version " + Integer.toUnsignedString(version));
    }

    @Test
    void badMagicAndBadChecksumAreCorruption() {
        format().close();
        forge(block -> block.set(Bytes.U64, EraSuperblockLayout.MAGIC, 1));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("magic");
        device.reopen().write(100, MemorySegment.ofArray(new byte[]{1}));
        assertThatThrownBy(() -> reopen(READ_ONLY)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void anotherBlockSizeIsRefused() {
        format().close();
        assertThatThrownBy(() -> reopen(READ_WRITE.expecting(8))).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("blocks of 64 sectors, not of 8");
        reopen(READ_WRITE.expecting(64)).close();
        for (int sectors : new int[]{0, -8, 12}) {
            assertThatThrownBy(() -> EraMetadata.format(new MemoryDevice(1 << 20), sectors, CACHE_BYTES))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void metadataThatWereFormattedAndClosedAreLikeThoseFormattedAndUsed() {
        // The superblock that formatting writes goes with a space map that has not been committed yet.
        MemoryDevice other = new MemoryDevice(device.size());
        try (EraMetadata metadata = EraMetadata.format(other, 64, CACHE_BYTES)) {
            metadata.resume(2500);
        }
        format().close();
        reopen(READ_WRITE).close();
        try (EraMetadata metadata = reopen(READ_WRITE)) {
            metadata.resume(2500);
        }
        EraAudit.verify(device.reopen());
        assertThat(EraAudit.bytes(device)).isEqualTo(EraAudit.bytes(other.reopen()));
    }

    @Test
    void rollingBackBeforeTheFirstActivationLeavesNoLeak() {
        try (EraMetadata metadata = format()) {
            metadata.resize(1000);
            metadata.abort();
            metadata.resume(1000);
        }
        EraAudit.verify(device.reopen());
    }

    @Test
    void everyActivationBeginsAnEra() {
        try (EraMetadata metadata = format()) {
            assertThat(metadata.currentEra()).isZero();
            metadata.resume(100);
            assertThat(metadata.currentEra()).isEqualTo(1);
            metadata.suspend();
            metadata.resume(100);
            assertThat(metadata.currentEra()).isEqualTo(2);
        }
        try (EraMetadata metadata = reopen(READ_WRITE)) {
            metadata.resume(100);
            assertThat(metadata.committed().currentEra()).isEqualTo(3);
        }
    }

    @Test
    void aMarkCountsOnlyWhenItIsDurable() {
        // Writing before that would lose the write's era in a crash.
        try (EraMetadata metadata = format()) {
            assertThatThrownBy(() -> metadata.mark(0)).isInstanceOf(IndexOutOfBoundsException.class);
            metadata.resize(100);
            metadata.commit();
            assertThatThrownBy(() -> metadata.mark(0)).isInstanceOf(IllegalStateException.class);
            metadata.rollOver();
            metadata.mark(7);
            assertThat(metadata.isMarked(7)).isFalse();
            metadata.commit();
            assertThat(metadata.isMarked(7)).isTrue();
            assertThat(metadata.isMarked(6)).isFalse();
            metadata.suspend();
            assertThat(metadata.isMarked(7)).isFalse();
            assertThatThrownBy(() -> metadata.mark(7)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatWasMarkedBeforeACrashIsKnownAfterIt() {
        // Kernels before 5.12 forgot the writeset of the era in which they crashed.
        EraMetadata crashed = format();
        crashed.resume(200);
        crashed.mark(150);
        crashed.commit();
        crashed.mark(151);
        try (EraMetadata metadata = EraMetadata.open(device.copy(), READ_WRITE)) {
            metadata.resume(200);
            assertThat(metadata.reader().lastWritten(150)).isEqualTo(1);
            assertThat(metadata.reader().lastWritten(151)).isZero();
            metadata.digest();
            metadata.commit();
            assertThat(metadata.reader().storedEra(150)).isEqualTo(1);
            assertThat(metadata.reader().archivedWritesets()).isEmpty();
        }
        crashed.close();
    }

    @Test
    void aMarkNotYetCommittedGoesIntoTheNextEraToo() {
        // The block is written after the commit, so in the new era: "written since" must find it there.
        try (EraMetadata metadata = format()) {
            metadata.resume(100);
            metadata.mark(3);
            metadata.rollOver();
            metadata.commit();
            assertThat(metadata.isMarked(3)).isTrue();
            assertThat(metadata.reader().lastWritten(3)).isEqualTo(2);
        }
    }

    @Test
    void digestionGoesInStepsOfAHundredBlocksAndEndsByItself() {
        try (EraMetadata metadata = format()) {
            metadata.resume(250);
            metadata.mark(249);
            metadata.commit();
            metadata.rollOver();
            metadata.commit();
            assertThat(metadata.startDigestion()).isTrue();
            int steps = 1;
            while (metadata.digestStep()) {
                steps++;
            }
            // Looking up, three times transcribing, removing; looking up in vain.
            assertThat(steps).isEqualTo(6);
            assertThat(metadata.startDigestion()).as("anything new to digest").isFalse();
            assertThatThrownBy(metadata::digestStep).isInstanceOf(IllegalStateException.class);
            assertThat(metadata.reader().storedEra(249)).isEqualTo(1);
        }
    }

    @Test
    void anEraOfMoreThan32BitsInTheTreeIsCorruption() {
        try (EraMetadata metadata = format()) {
            metadata.resume(100);
            metadata.suspend();
        }
        device.reopen();
        EraSuperblock superblock = superblock();
        MemorySegment leaf = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(superblock.writesetTreeRoot() * Bytes.BLOCK_SIZE, leaf);
        leaf.set(Bytes.U64, 32, 1L << 32);
        leaf.set(Bytes.U32, 0, BlockValidator.rawChecksum(leaf) ^ 121107);
        device.write(superblock.writesetTreeRoot() * Bytes.BLOCK_SIZE, leaf);
        try (EraMetadata metadata = reopen(READ_WRITE)) {
            assertThatThrownBy(metadata::digest).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("4294967296");
        }
    }

    private EraSuperblock superblock() {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.read(0, block);
        return EraSuperblock.read(block);
    }

    @Test
    void aSnapshotKeepsWhatDigestionChanges() {
        try (EraMetadata metadata = format()) {
            metadata.resume(1000);
            metadata.mark(10);
            metadata.commit();
            long location = metadata.takeSnapshot();
            metadata.commit();
            assertThat(metadata.committed().metadataSnapshot()).isEqualTo(location);
            metadata.digest();
            metadata.mark(10);
            metadata.commit();
            EraAudit.verify(device);
            EraReader snapshot = metadata.reader().snapshot().orElseThrow();
            assertThat(snapshot.archivedWritesets()).hasSize(1);
            assertThat(snapshot.storedEra(10)).isZero();
            assertThat(snapshot.lastWritten(10)).isEqualTo(1);
            assertThat(metadata.reader().lastWritten(10)).isEqualTo(2);
            metadata.dropSnapshot();
            metadata.commit();
            assertThat(metadata.reader().snapshot()).isEmpty();
        }
        EraAudit.verify(device.reopen());
    }

    @Test
    void aSnapshotThatIsNoSuperblockIsCorruption() {
        try (EraMetadata metadata = format()) {
            metadata.resume(1000);
        }
        forge(block -> block.set(Bytes.U64, EraSuperblockLayout.METADATA_SNAPSHOT, 2));
        try (EraMetadata metadata = reopen(READ_ONLY)) {
            assertThatThrownBy(() -> metadata.reader().snapshot()).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("metadata snapshot");
        }
    }

    @Test
    void outOfMetadataSpaceLeavesTheLastCommitIntact() {
        try (EraMetadata metadata = format()) {
            metadata.resume(2000);
            metadata.mark(1);
            metadata.commit();
            assertThatThrownBy(() -> metadata.resize(200_000)).isInstanceOf(NoSpaceException.class)
                    .hasMessageContaining("metadata space map");
            assertThatThrownBy(metadata::commit).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("abort");
            metadata.abort();
            assertThat(metadata.blocks()).isEqualTo(2000);
            assertThat(metadata.isMarked(1)).isTrue();
            metadata.mark(2);
            metadata.commit();
            EraAudit.verify(device);
            assertThat(metadata.reader().lastWritten(2)).isEqualTo(1);
        }
    }

    /** The smallest devices fail when they are formatted, the larger ones at later and later steps. */
    @ParameterizedTest
    @ValueSource(ints = {2000, 70_000})
    void runningOutOfSpaceAnywhereLeavesTheLastCommit(int blocks) {
        int completed = 0;
        for (int size = 2; completed < 3; size++) {
            MemoryDevice small = new MemoryDevice((long) size * Bytes.BLOCK_SIZE);
            try (EraMetadata metadata = EraMetadata.format(small, 64, CACHE_BYTES)) {
                completed += doUntilFull(metadata, small, blocks) ? 1 : 0;
            } catch (NoSpaceException e) {
                assertThat(size).as("blocks that formatting does not fit in").isLessThan(6);
            }
        }
    }

    private static boolean doUntilFull(EraMetadata metadata, MemoryDevice small, int blocks) {
        List<Runnable> steps = List.of(() -> metadata.resize(blocks), metadata::commit, metadata::rollOver,
                metadata::commit, () -> metadata.mark(blocks - 1), () -> metadata.mark(1), metadata::commit,
                metadata::takeSnapshot, metadata::commit, () -> metadata.mark(2), metadata::digest, metadata::commit,
                metadata::dropSnapshot, metadata::commit, metadata::suspend);
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (NoSpaceException e) {
                metadata.abort();
                EraSuperblock committed = metadata.committed();
                assertThat(metadata.blocks()).isEqualTo(committed.blocks());
                assertThat(metadata.currentEra()).isEqualTo(committed.currentEra());
                int[] eras = new int[(int) committed.blocks()];
                metadata.reader().lastWritten(0, eras);
                assertThat(IntStream.of(eras).filter(era -> era != 0).count()).isIn(0L, 2L, 3L);
                if (committed.currentEra() > 0) {
                    EraAudit.verify(small);
                }
                return false;
            }
        }
        EraAudit.verify(small);
        return true;
    }

    @Test
    void erasPileUpUntilThereIsNoSpace() {
        try (EraMetadata metadata = format()) {
            metadata.resume(2000);
            assertThatThrownBy(() -> {
                while (true) {
                    beginEraWithOneMark(metadata);
                }
            }).isInstanceOf(NoSpaceException.class);
            metadata.abort();
            EraAudit.verify(device);
            long reached = metadata.currentEra();
            assertThat(metadata.reader().archivedWritesets()).hasSize((int) reached - 1);
            for (long era = 2; era <= reached; era++) {
                assertThat(metadata.reader().lastWritten(era)).isEqualTo(era);
            }
        }
    }

    @Test
    void digestionFreesWhatErasHavePiledUp() {
        try (EraMetadata metadata = format()) {
            metadata.resume(2000);
            while (metadata.store().spaceMap().free() > 20) {
                beginEraWithOneMark(metadata);
            }
            long reached = metadata.currentEra();
            metadata.digest();
            metadata.commit();
            EraAudit.verify(device);
            assertThat(metadata.store().spaceMap().free()).isGreaterThan(40);
            for (long era = 2; era <= reached; era++) {
                assertThat(metadata.reader().lastWritten(era)).isEqualTo(era);
            }
        }
    }

    private static void beginEraWithOneMark(EraMetadata metadata) {
        metadata.rollOver();
        metadata.mark(metadata.currentEra());
        metadata.commit();
    }

    @Test
    void aViewKeepsItsStateWhateverTheWriterDoes() {
        try (EraMetadata metadata = format()) {
            metadata.resume(100);
            metadata.mark(5);
            metadata.commit();
            try (EraView view = metadata.openView()) {
                for (int i = 0; i < 4; i++) {
                    metadata.rollOver();
                    metadata.mark(5);
                    metadata.commit();
                    metadata.digest();
                    metadata.commit();
                }
                assertThat(view.reader().lastWritten(5)).isEqualTo(1);
                assertThat(view.superblock().currentEra()).isEqualTo(1);
                assertThat(metadata.reader().lastWritten(5)).isEqualTo(5);
            }
        }
    }

    @Test
    void aReadOnlyDeviceRefusesEveryChange() {
        try (EraMetadata metadata = format()) {
            metadata.resume(100);
        }
        try (EraMetadata metadata = reopen(READ_ONLY)) {
            List<Runnable> changes = List.of(() -> metadata.resume(100), metadata::rollOver, metadata::archive,
                    () -> metadata.mark(1), metadata::startDigestion, metadata::takeSnapshot, metadata::dropSnapshot,
                    metadata::suspend, metadata::commit);
            assertThat(changes)
                    .allSatisfy(change -> assertThatThrownBy(change::run).isInstanceOf(ReadOnlyException.class));
        }
    }
}
