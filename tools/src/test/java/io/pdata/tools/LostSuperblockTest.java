package io.pdata.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.thin.PoolOverrides;
import io.pdata.tools.thin.RootCandidate;
import io.pdata.tools.thin.ThinRepair.Options;
import io.pdata.tools.thin.ThinRepair;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which state is found without a superblock: the present one. */
class LostSuperblockTest {

    static List<String> images() {
        return Recorded.images("thin-").toList();
    }

    @ParameterizedTest
    @MethodSource("images")
    void thePresentStateOfEachImageIsFound(String name) {
        assertFound(Recorded.device(name));
    }

    /** Mapping and details roots from before are still there, and look newer. */
    @Test
    void theNewestOfManyStatesIsFound() {
        Mappings found = assertFound(device("stale-roots"));
        assertThat(found.devices).hasSize(8);
        assertThat(found.devices.values().stream().mapToInt(each -> each.size()).sum()).isEqualTo(2437);
    }

    @Test
    void theNewestIsFoundAfterBlocksHaveBeenUsedAgain() {
        MemoryDevice device = device("history-182");
        Mappings found = assertFound(device);
        assertThat(found.devices).hasSize(6);
        assertThat(found.devices.values().stream().mapToInt(each -> each.size()).sum()).isEqualTo(1061);
        assertThat(roots(device).getFirst()).satisfies(best -> {
            assertThat(best.mappingRoot()).isEqualTo(508);
            assertThat(best.detailsRoot()).isEqualTo(510);
            assertThat(best.current()).isFalse();
        });
    }

    @ParameterizedTest
    @MethodSource("images")
    void wholeStatesAreListedBeforeDamagedOnes(String name) {
        MemoryDevice device = Recorded.device(name);
        device.zero(0, Bytes.BLOCK_SIZE);
        List<RootCandidate> roots = roots(device);
        long whole = roots.stream().takeWhile(RootCandidate::whole).count();
        assertThat(roots.stream().filter(RootCandidate::whole)).hasSize((int) whole);
    }

    /** More than a single bit is wrong, so that the checksum does not tell which. */
    @Test
    void theFieldsOfADamagedSuperblockAreUsed() {
        MemoryDevice device = device("history-182");
        Mappings before = saved(device, Options.NONE);
        change(device, superblock -> {
            superblock.set(Bytes.U64, ThinSuperblockLayout.MAGIC, 1);
            superblock.set(Bytes.U64, ThinSuperblockLayout.UUID, -1);
            superblock.set(Bytes.U32, ThinSuperblockLayout.VERSION, -1);
            superblock.set(Bytes.U64, ThinSuperblockLayout.DETAILS_ROOT, 1 << 20);
        });
        Mappings found = saved(device, Options.NONE);
        assertThat(found.devices).isEqualTo(before.devices);
        assertThat(found.details).isEqualTo(before.details);
        assertThat(found.header.transactionId()).isEqualTo(before.header.transactionId());
        assertThat(found.header.dataBlockSectors()).isEqualTo(before.header.dataBlockSectors());
        assertThat(found.header.dataBlocks()).isEqualTo(before.header.dataBlocks());
    }

    @Test
    void aSuperblockThatNamesABlockOfAnotherTypeIsNotBelieved() {
        MemoryDevice device = device("history-182");
        Mappings before = saved(device, Options.NONE);
        change(device, superblock -> {
            superblock.set(Bytes.U64, ThinSuperblockLayout.DETAILS_ROOT, 508);
            ThinSuperblockLayout.VALIDATOR.prepare(superblock, 0);
        });
        Mappings found = saved(device, Options.NONE);
        assertThat(found.devices).isEqualTo(before.devices);
        assertThat(found.details).isEqualTo(before.details);
        assertThat(roots(device)).first().satisfies(best -> {
            assertThat(best.detailsRoot()).isEqualTo(510);
            assertThat(best.current()).isFalse();
        });
    }

    private static void change(MemoryDevice device, Consumer<MemorySegment> change) {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.reopen().read(0, block);
        change.accept(block);
        device.write(0, block);
    }

    private static List<RootCandidate> roots(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            return ThinRepair.roots(file);
        }
    }

    /** Zeroes the superblock, compares the repaired pool with the intact one, and returns it. */
    private static Mappings assertFound(MemoryDevice device) {
        Mappings before = saved(device, Options.NONE);
        device.reopen().zero(0, Bytes.BLOCK_SIZE);
        Mappings found = saved(device,
                Options.of(new PoolOverrides(OptionalLong.of(before.header.transactionId()),
                        OptionalInt.of(before.header.dataBlockSectors()),
                        OptionalLong.of(before.header.dataBlocks()))));
        assertThat(found.details).isEqualTo(before.details);
        assertThat(found.devices).isEqualTo(before.devices);
        return found;
    }

    private static Mappings saved(MemoryDevice device, Options options) {
        Mappings kept = new Mappings();
        try (MetadataFile file = new MetadataFile(device.reopen())) {
            assertThat(ThinRepair.save(file, options, () -> kept).devices()).isEmpty();
        }
        return kept;
    }

    static MemoryDevice device(String name) {
        try (InputStream in = new GZIPInputStream(
                LostSuperblockTest.class.getResourceAsStream("thin/" + name + ".img.gz"))) {
            byte[] image = in.readAllBytes();
            MemoryDevice device = new MemoryDevice(name, image.length);
            device.write(0, MemorySegment.ofArray(image));
            return device;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
